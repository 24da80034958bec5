import Diagnostics
import JSON
import Ledger

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The scores of a learned reward, kept in a file: training is a function of its key, so the arms and regimes of a study that
/// share a reward train it once.
struct RewardTableStore {
    let key: JSONValue
    let folder: String

    /// The table, [prompt][response], made where no whole one is there. Processes that need the same one wait for the first.
    func table(
        prompts: Int, responses: Int, make: () throws(Diagnostic) -> [[Double]]
    ) throws(Diagnostic) -> [[Double]] {
        let place = "\(folder)/reward-\(SHA256Digest.hexadecimal(of: key.canonicalText.utf8).prefix(16)).json"
        let lock = try FolderLock(place)
        defer { withExtendedLifetime(lock) {} }
        if let kept = read(place, prompts: prompts, responses: responses) { return kept }
        let made = try make()
        try WholeFile.write(JSONValue.array(made.map { .array($0.map { .number($0) }) }).canonicalText, to: place)
        return made
    }

    /// `nil` for a file that is not there or not whole: then the table is made again.
    private func read(_ place: String, prompts: Int, responses: Int) -> [[Double]]? {
        guard access(place, R_OK) == 0, let value = try? JSONValue(readingFile: place), case .array(let rows) = value,
            rows.count == prompts
        else { return nil }
        var table: [[Double]] = []
        for case .array(let row) in rows {
            let numbers = row.compactMap(\.doubleValue)
            guard numbers.count == responses else { return nil }
            table.append(numbers)
        }
        return table.count == prompts ? table : nil
    }
}

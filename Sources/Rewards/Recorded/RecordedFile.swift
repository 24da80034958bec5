import Diagnostics
import Experiment
import JSON

/// A file of scores, read whole.
struct RecordedFile: Sendable {
    enum Format: String, Sendable, CaseIterable {
        /// Our own output: JSON lines with `id` and `scores`, and `tokens`, `truncated`, `per_token` where they are.
        case rows
        /// A JSON array of objects with `problem` and `score`.
        case rewardmath
        /// JSON lines with `pair_id` and `judgments`.
        case judgebench
    }

    var path: String
    var format: Format
    var records: [Record]
    /// How many scores were lists that ``StepReduction`` made one of.
    var listCount: Int
    /// How many JudgeBench records have votes for scores (``JudgeBenchJudgments``).
    var votedCount: Int

    /// - Parameters:
    ///   - format: recognised from the file's beginning where it is `nil`.
    ///   - steps: required where a score is a list of more than one.
    init(path: String, format: Format?, steps: StepReduction?) throws(Diagnostic) {
        guard path != "-" else {
            throw Diagnostic(
                .usage, "recorded scores cannot be read from standard input", remedy: "Write them to a file and name it"
            )
        }
        let known = if let format { format } else { try Self.recognise(path) }
        var reader = RecordReader(file: path, steps: steps)
        self.path = path
        self.format = known
        records = known == .rewardmath ? try reader.readArray() : try reader.readLines(known)
        listCount = reader.listCount
        votedCount = reader.votedCount
    }

    private static func recognise(_ path: String) throws(Diagnostic) -> Format {
        let lines = try JSONLines(path: path)
        guard let (_, bytes) = try lines.nextLine() else { return .rows }
        let first = bytes.first { $0 != 0x20 && $0 != 0x09 }
        if first == UInt8(ascii: "[") { return .rewardmath }
        let value: JSONValue
        do throws(Diagnostic) {
            value = try JSONValue(parsing: bytes, options: .init(allowsNonFiniteNumbers: true))
        } catch {
            throw error.located(file: path)
        }
        if value["pair_id"] != nil, value["judgments"] != nil { return .judgebench }
        if value["scores"] != nil { return .rows }
        throw Diagnostic(
            .badData, "this is no file of scores that is known", at: .init(file: path),
            remedy: "Give JSON lines with 'id' and 'scores' (rows), an array of 'problem' and 'score' (rewardmath), "
                + "or JSON lines with 'pair_id' and 'judgments' (judgebench)")
    }
}

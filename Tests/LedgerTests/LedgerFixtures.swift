import Foundation
import JSON
import Ledger

/// A folder that goes when its owner does.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }
}

extension RunDescription {
    static let example = RunDescription(
        verb: "score", settings: ["seed": 7, "reward": ["explicit:model?pool=last"], "max-length": 2048],
        provenance: ["checkpoint": "ab12", "threads": 2], machine: ["cores": 2],
        commandLine: ["assay", "score", "--seed", "7"],
        outputPath: "out.jsonl")
}

extension ScoreRecord {
    /// Two responses to a row; scores differ from row to row.
    static func example(reward: Int = 0, row: Int) -> ScoreRecord {
        ScoreRecord(
            reward: reward, row: row, rowID: "row-\(row)", scores: [Double(row) / 3, -0.1 * Double(row)],
            tokens: [row + 1, row + 2], truncated: [false, row % 2 == 0])
    }
}

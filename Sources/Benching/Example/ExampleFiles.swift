import Diagnostics
import JSON
import Statistics
import Torch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A small benchmark and two small checkpoints of random weights, to try the program on without any download.
///
/// The checkpoints are llama decoders of width 64 in Hugging Face's format: `reward-model` with a classification head,
/// `language-model` with a language head. The benchmark is `pairs.jsonl`: sums, answered rightly and wrongly, where the right
/// answer is often the longer one, so that a rule that knows no arithmetic wins some of it.
public struct ExampleFiles: Sendable {
    public let folder: String
    public let seed: UInt64
    public let rows: Int

    /// Rows at most; their text is made in memory.
    public static let maximumRows = 1_000_000

    public init(folder: String, seed: UInt64 = 0, rows: Int = 200) {
        self.folder = folder
        self.seed = seed
        self.rows = rows
    }

    public var benchmark: String { "\(folder)/pairs.jsonl" }
    public var rewardModel: String { "\(folder)/reward-model" }
    public var languageModel: String { "\(folder)/language-model" }

    /// Writes the files; the same seed gives the same bytes.
    ///
    /// - Throws: `usage` where a file is there already or the rows are out of range; `inputMissing` where the folder cannot be made or libtorch is not
    ///   there.
    public func write() async throws(Diagnostic) {
        guard (1...Self.maximumRows).contains(rows) else {
            throw Diagnostic(
                .usage, "an example cannot have \(rows) rows", at: .init(field: "--rows"),
                remedy: "Give a number from 1 to \(Self.maximumRows)")
        }
        guard !FilePath.isOrdinaryFile(benchmark) else {
            throw Diagnostic(
                .usage, "an example is there already", at: .init(file: folder),
                remedy: "Name another folder, or remove this one")
        }
        // Weights are written last; without libtorch nothing should be left behind.
        _ = try TorchLibrary.version()
        for path in [folder, rewardModel, languageModel] { try Self.makeFolder(path) }
        for path in [rewardModel, languageModel] {
            let head: ExampleCheckpoint.Head = path == rewardModel ? .score : .language
            let checkpoint = ExampleCheckpoint(folder: path, head: head, seed: seed)
            try checkpoint.writeTexts()
            try await TensorActor.run { () throws(Diagnostic) in try checkpoint.writeWeights() }
        }
        try TableFile.write(ExamplePairs(seed: seed, count: rows).text, to: benchmark)
    }

    private static func makeFolder(_ path: String) throws(Diagnostic) {
        guard mkdir(path, 0o755) != 0, errno != EEXIST || !FilePath.isFolder(path) else { return }
        throw Diagnostic(
            .inputMissing, "the folder cannot be made: \(String(cString: strerror(errno)))", at: .init(file: path),
            remedy: "Check that the folder above it is there and may be written")
    }
}

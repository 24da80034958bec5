import Foundation
import JSON
import LanguageModel
import Testing
import Torch

/// The committed checkpoints of `scripts/fixtures/make_checkpoint_fixtures.py` and what the reference reads in them.
struct CheckpointFixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/checkpoints").path

    static let languageModels = [
        "llama", "llama-biased", "llama3-rope", "mistral", "qwen2", "qwen3", "gemma2", "gpt_neox",
        "gpt_neox-sequential",
    ]
    static let rewardModels = [
        "llama-reward", "mistral-reward", "qwen2-reward", "qwen3-reward", "gemma2-reward", "gpt_neox-reward",
    ]

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    static func expected(_ name: String) throws -> JSONValue {
        try JSONValue(readingFile: path(name) + "/expected.json")
    }

    static func decoder(
        _ name: String, _ type: ElementType? = .float32, packingRows: Int? = 512
    ) throws -> Decoder {
        // On models this small a second thread only waits for the first.
        try TorchLibrary.setThreads(1)
        return try Decoder(directory: path(name), options: .init(elementType: type, packingRows: packingRows))
    }

    /// The texts of a language model's fixture as token ids.
    static func sequences(_ name: String = "llama") throws -> [[Int32]] {
        try expected(name).elements("texts").map { try $0.ids("ids") }
    }
}

/// Whether arithmetic can be done here; what needs it is skipped visibly where it cannot.
enum TorchSetup {
    static let isThere = (try? TorchLibrary.path()) != nil
    static let absence: Comment = "libtorch is not set up: run scripts/setup, or set ASSAY_TORCH_SHIM"
}

extension JSONValue {
    func elements(_ key: String) throws -> [JSONValue] { try #require(self[key]?.arrayValue, "\(key)") }
    func number(_ key: String) throws -> Double { try #require(self[key]?.doubleValue, "\(key)") }
    func numbers(_ key: String) throws -> [Double] {
        try elements(key).map { try #require($0.doubleValue) }
    }
    func ids(_ key: String) throws -> [Int32] { try elements(key).map { Int32(try #require($0.intValue)) } }
}

/// The largest |Δ| as a share of the expected field's largest magnitude.
func relativeError(_ got: [Double], _ expected: [Double]) throws -> Double {
    try #require(got.count == expected.count)
    let scale = expected.map(\.magnitude).max() ?? 0
    let error = zip(got, expected).map { $0 == $1 ? 0 : ($0 - $1).magnitude }.max() ?? 0
    return error.isNaN ? .infinity : error / max(scale, .leastNormalMagnitude)
}

extension SequenceReading {
    var head: Double? { if case .head(let score) = self { score } else { nil } }
    var candidates: [Double]? { if case .candidates(let logits) = self { logits } else { nil } }
    var tokens: (chosen: [Double], logSumExp: [Double])? {
        if case .tokens(let chosen, let logSumExp) = self { (chosen, logSumExp) } else { nil }
    }
    /// Σ log p of the tokens read.
    var likelihood: Double? { tokens.map { zip($0.chosen, $0.logSumExp).reduce(0) { $0 + $1.0 - $1.1 } } }
    /// Σ |terms| of that sum: what rounding is measured against.
    var magnitude: Double? {
        tokens.map { zip($0.chosen, $0.logSumExp).reduce(0) { $0 + $1.0.magnitude + $1.1.magnitude } }
    }
}

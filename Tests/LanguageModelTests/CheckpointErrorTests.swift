import Diagnostics
import Foundation
import JSON
import LanguageModel
import Testing
import Torch

/// A checkpoint that does not hold together is refused with the tensor and the reason, and nothing is left loaded.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct CheckpointErrorTests {
    /// Copies a fixture, lets `change` damage the copy, and returns how loading it fails.
    private func failure(
        of name: String = "llama", options: Decoder.Options = .init(), _ change: (TemporaryFolder) throws -> Void
    ) throws -> Diagnostic {
        let folder = try TemporaryFolder()
        for file in try FileManager.default.contentsOfDirectory(atPath: CheckpointFixture.path(name)) {
            let source = CheckpointFixture.path(name) + "/" + file
            try folder.write(try Data(contentsOf: URL(filePath: source)), to: file)
        }
        _ = try Decoder(directory: folder.path, options: options)
        try change(folder)
        let handles = TorchLibrary.liveHandles
        let error = try #require(throws: Diagnostic.self) { try Decoder(directory: folder.path, options: options) }
        #expect(TorchLibrary.liveHandles == handles)
        #expect(error.location.file?.hasPrefix(folder.path) == true, "\(error)")
        return error
    }

    private func setting(_ key: String, _ value: JSONValue, in folder: TemporaryFolder) throws {
        let config = try JSONValue(readingFile: folder.file("config.json"))
        try folder.write(config.setting(key, value).text, to: "config.json")
    }

    @Test(
        "Weights that do not fit the config are named with both shapes",
        arguments: [
            ("intermediate_size", 64, "mlp"), ("vocab_size", 511, "embed_tokens"), ("num_key_value_heads", 4, "k_proj"),
            ("hidden_size", 64, "embed_tokens"), ("head_dim", 16, "q_proj"),
        ])
    func shapes(field: String, value: Int, tensor: String) throws {
        let error = try failure { try setting(field, .integer(value), in: $0) }
        #expect(error.category == .badData && error.message.contains(tensor) && error.message.contains("asks for"))
        #expect(error.remedy.contains("config.json"))
    }

    @Test(
        "A layer, a bias or a head that is not there is named",
        arguments: [
            ("num_hidden_layers", 3, "'model.layers.2."), ("attention_bias", true, ".bias' is missing"),
            ("mlp_bias", true, ".bias' is missing"),
            ("architectures", ["LlamaForSequenceClassification"], "'score.weight' is missing"),
        ] as [(String, JSONValue, String)])
    func missing(field: String, value: JSONValue, says: String) throws {
        let error = try failure { try setting(field, value, in: $0) }
        #expect(error.category == .badData && error.message.contains(says), "\(error)")
    }

    @Test(
        "Weights of another family are named by what they lack",
        arguments: [("qwen3", "Qwen3ForCausalLM", "q_norm"), ("gpt_neox", "GPTNeoXForCausalLM", "embed_in")])
    func family(kind: String, architecture: String, says: String) throws {
        let error = try failure { folder in
            try setting("model_type", .string(kind), in: folder)
            try setting("architectures", [.string(architecture)], in: folder)
        }
        #expect(error.category == .badData && error.message.contains(says), "\(error)")
    }

    @Test("A class that is not the family's own is refused, whatever it ends in")
    func foreignClass() throws {
        let error = try failure { try setting("architectures", ["FooForSequenceClassification"], in: $0) }
        #expect(error.category == .badData && error.message.contains("FooForSequenceClassification"))
    }

    @Test("Weights cut short, absent or of integers are refused")
    func files() throws {
        let weights = "model.safetensors"
        let cut = try failure { folder in
            let bytes = try Data(contentsOf: URL(filePath: folder.file(weights)))
            try folder.write(bytes.dropLast(1), to: weights)
        }
        #expect(cut.category == .badData && cut.message.contains("truncated"))
        let absent = try failure { try FileManager.default.removeItem(atPath: $0.file(weights)) }
        #expect(absent.category == .inputMissing)
        let empty = try failure { _ = try $0.write("", to: weights) }
        #expect(empty.category == .badData && empty.message.contains("empty"))
        let integers = try failure { folder in
            var bytes = try Data(contentsOf: URL(filePath: folder.file(weights)))
            while let place = bytes.range(of: Data("F32".utf8)) { bytes.replaceSubrange(place, with: Data("U32".utf8)) }
            try folder.write(bytes, to: weights)
        }
        #expect(integers.category == .badData && integers.message.contains("'U32'"))
        let shard = try failure(of: "llama3-rope") {
            try FileManager.default.removeItem(atPath: $0.file("model-00002-of-00002.safetensors"))
        }
        #expect(shard.category == .inputMissing && shard.location.file?.hasSuffix("00002-of-00002.safetensors") == true)
    }

    @Test("Types that cannot be computed with are refused before anything is read")
    func types() throws {
        for type in [ElementType.int64, .bool, .float64] {
            let error = try #require(throws: Diagnostic.self) {
                try Decoder(directory: CheckpointFixture.path("llama"), options: .init(elementType: type))
            }
            #expect(error.category == .badData && error.message.contains(type.rawValue))
        }
    }

    @Test("A head with several outputs is no reward")
    func labels() throws {
        let folder = try TemporaryFolder()
        let source = CheckpointFixture.path("llama-reward")
        let config = try JSONValue(readingFile: source + "/config.json").setting("num_labels", 2)
        try folder.write(config.setting("id2label", .none).text, to: "config.json")
        try FileManager.default.copyItem(
            atPath: source + "/model.safetensors", toPath: folder.file("model.safetensors"))
        let error = try #require(throws: Diagnostic.self) { try Decoder(directory: folder.path) }
        #expect(error.message.contains("'score.weight' has the shape [1, 32]; config.json asks for [2, 32]"))
    }
}

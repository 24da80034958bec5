import Diagnostics
import Foundation
import JSON
import Testing
import Torch

@testable import LanguageModel

@Suite struct ConfigurationTests {
    @Test("A config that says little means what transformers makes of it", arguments: Family.allCases)
    func defaults(family: Family) throws {
        let all = try JSONValue(readingFile: CheckpointFixture.path("defaults.json"))
        let expected = try #require(all[family.rawValue])
        let read = try configuration(try #require(expected["config"]))
        #expect(try read.headWidth == Int(expected.number("head_width")))
        #expect(try read.kvHeads == Int(expected.number("kv_heads")))
        #expect(try read.maximumPositions == Int(expected.number("maximum_positions")))
        #expect(try read.normEpsilon == expected.number("norm_epsilon"))
        #expect(try read.rotary.theta == expected.number("rope_theta"))
        #expect(try read.rotary.width == Int(expected.number("rotary_width")))
        #expect(read.hasTiedEmbeddings == expected["tied"]?.boolValue)
        #expect(read.attentionSoftCap == expected["attention_soft_cap"]?.doubleValue)
        #expect(read.logitSoftCap == expected["logit_soft_cap"]?.doubleValue)
        #expect(try abs(read.attentionScale - expected.number("attention_scale")) < 1e-15)
        #expect(try read.windows == expected.elements("windows").map(\.intValue))
    }

    @Test("A window in use starts at the layer that transformers starts it at", arguments: Family.allCases)
    func windowsInUse(family: Family) throws {
        let all = try JSONValue(readingFile: CheckpointFixture.path("defaults.json"))
        let expected = try #require(all[family.rawValue])
        let read = try configuration(try #require(expected["config"]).setting("use_sliding_window", true))
        #expect(try read.windows == expected.elements("windows_in_use").map(\.intValue))
    }

    @Test("Both styles of config say the same", arguments: ["rope_scaling", "rope_parameters"])
    func styles(name: String) throws {
        let scaling: JSONValue = [
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32, "rope_theta": 1000.0,
        ]
        var values = try llama.setting(name, scaling).setting(
            name == "rope_scaling" ? "torch_dtype" : "dtype", "bfloat16")
        if name == "rope_scaling" { values = try values.setting("rope_theta", 1000.0) }
        let read = try configuration(values)
        #expect(read.rotary.scaling == .llama3(factor: 8, low: 1, high: 4, original: 32))
        #expect(read.rotary.theta == 1000 && read.savedType == .bfloat16)
    }

    @Test("A null window or scaling is none, though the family has a default")
    func nulls() throws {
        let mistral = try llama.setting("model_type", "mistral").setting("architectures", ["MistralForCausalLM"])
            .setting("num_key_value_heads", 2)
        #expect(try configuration(mistral.setting("sliding_window", .null)).windows == [nil, nil])
        #expect(try configuration(llama.setting("rope_scaling", .null)).rotary.scaling == .none)
        #expect(try configuration(llama.setting("num_key_value_heads", .null)).kvHeads == 4)
        #expect(try configuration(llama.setting("head_dim", .null)).headWidth == 8)
    }

    @Test(
        "A missing field is named",
        arguments: [
            "model_type", "architectures", "hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size",
            "intermediate_size",
        ])
    func missing(field: String) throws {
        let error = try #require(throws: Diagnostic.self) { try configuration(llama.setting(field, .none)) }
        #expect(error.category == .badData && error.location.field == field)
        #expect(error.message == "the field is missing")
        #expect(error.location.file?.hasSuffix("/config.json") == true && !error.remedy.isEmpty)
    }

    /// A field, a wrong value, the field that the error names (where another), and what the message says.
    static let wrong: [(field: String, value: JSONValue, named: String, says: String)] = [
        ("model_type", "bert", "model_type", "'bert' is not supported"),
        ("model_type", 3, "model_type", "should be a string, not 3"),
        ("architectures", "LlamaForCausalLM", "architectures", "missing"),
        ("architectures", ["LlamaModel"], "architectures", "'LlamaModel' is not supported"),
        ("hidden_act", "relu6", "hidden_act", "'relu6' is not supported"),
        ("hidden_size", "32", "hidden_size", "a whole number"),
        ("hidden_size", 32.5, "hidden_size", "a whole number"),
        ("hidden_size", 0, "hidden_size", "from 1 to"),
        ("hidden_size", 33, "num_attention_heads", "a divisor of hidden_size"),
        ("hidden_size", 20, "head_dim", "even"),
        ("num_hidden_layers", 2_000_000_000, "num_hidden_layers", "from 1 to"),
        ("vocab_size", -1, "vocab_size", "from 1 to"),
        ("num_attention_heads", 5, "num_attention_heads", "a divisor of hidden_size"),
        ("num_key_value_heads", 3, "num_key_value_heads", "a divisor of num_attention_heads"),
        ("num_key_value_heads", 0, "num_key_value_heads", "a divisor of num_attention_heads"),
        ("head_dim", 9_223_372_036_854_775_807, "head_dim", "from 1 to"),
        ("head_dim", -8, "head_dim", "from 1 to"),
        ("head_dim", 7, "head_dim", "even"),
        ("rms_norm_eps", "small", "rms_norm_eps", "a number"),
        ("rms_norm_eps", -1.0, "rms_norm_eps", "a positive number"),
        ("tie_word_embeddings", 1, "tie_word_embeddings", "true or false"),
        ("attention_bias", "no", "attention_bias", "true or false"),
        ("rope_theta", 0, "rope_theta", "a positive number"),
        ("rope_scaling", "linear", "rope_scaling", "an object"),
        ("rope_scaling", ["type": "yarn", "factor": 4], "rope_scaling", "'yarn' is not supported"),
        ("rope_scaling", ["type": "linear"], "rope_scaling.factor", "missing"),
        ("rope_parameters", ["rope_type": "linear", "factor": 0], "rope_parameters.factor", "a positive number"),
        ("rope_parameters", ["rope_type": "llama3", "factor": 2], "rope_parameters.low_freq_factor", "missing"),
        ("partial_rotary_factor", 1.5, "rotary_pct", "from 0 to 1"),
        ("eos_token_id", "end", "eos_token_id", "a token id"),
        ("eos_token_id", [1, 99_999_999_999], "eos_token_id", "a token id"),
        ("torch_dtype", 16, "torch_dtype", "a string"),
    ]

    @Test("A wrong field is named, with what it should be", arguments: wrong.indices)
    func wrongField(index: Int) throws {
        let item = Self.wrong[index]
        let error = try #require(throws: Diagnostic.self) { try configuration(llama.setting(item.field, item.value)) }
        #expect(error.category == .badData && error.location.field == item.named, "\(error)")
        #expect(error.message.contains(item.says), "\(error)")
        #expect(!error.remedy.isEmpty)
    }

    @Test(
        "Layer types must be as many as the layers, and known",
        arguments: [
            ["sliding_attention"], ["sliding_attention", "chunked_attention"], ["full_attention", 1],
        ] as [JSONValue])
    func layerTypes(types: JSONValue) throws {
        let values = try llama.setting("sliding_window", 4).setting("layer_types", types)
        let error = try #require(throws: Diagnostic.self) { try configuration(values) }
        #expect(error.location.field == "layer_types")
    }

    @Test("A folder without config.json, or with a broken one, says so")
    func files() throws {
        let folder = try TemporaryFolder()
        let missing = try #require(throws: Diagnostic.self) { try ModelConfiguration(directory: folder.path) }
        #expect(missing.category == .inputMissing && missing.location.file == folder.path)
        for text in ["", "{", "[1]", "\"text\"", "{\"model_type\": }", "\u{FEFF}"] {
            try folder.write(text, to: "config.json")
            let error = try #require(throws: Diagnostic.self) { try ModelConfiguration(directory: folder.path) }
            #expect(
                error.category == .badData && error.location.file == folder.file("config.json"), "\(text): \(error)")
        }
        try FileManager.default.removeItem(atPath: folder.file("config.json"))
        try FileManager.default.createDirectory(atPath: folder.file("config.json"), withIntermediateDirectories: true)
        let error = try #require(throws: Diagnostic.self) { try ModelConfiguration(directory: folder.path) }
        #expect(error.category == .inputMissing)
    }

    /// Any config that is read has sizes whose products fit; `ASSAY_SOAK` sets the number of mutants.
    @Test("A config with any field replaced is read or refused")
    func fuzz() throws {
        let names = CheckpointFixture.languageModels + CheckpointFixture.rewardModels
        let configs = try names.map { try JSONValue(readingFile: CheckpointFixture.path($0) + "/config.json") }
        let values: [JSONValue] = [
            nil, true, "", "gelu", -1, 0, 1, 2, 7, 64, 4_294_967_296, 9_223_372_036_854_775_807, 0.5, -1e300, 1e300, [],
            [nil], ["full_attention"], [:], ["rope_type": "linear", "factor": 1e-300], ["rope_type": "llama3"],
        ]
        var generator = SplitMix64(state: 7)
        var (read, refused) = (0, 0)
        for _ in 0..<mutantCount {
            var config = try #require(configs.randomElement(using: &generator))
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let key = try #require(config.objectValue?.keys.randomElement(using: &generator))
                config = try config.setting(key, values.randomElement(using: &generator))
            }
            do {
                _ = try configuration(config).linearParametersPerToken
                read += 1
            } catch let error as Diagnostic {
                #expect(error.category == .badData && error.location.field != nil)
                refused += 1
            }
        }
        #expect(read > 0 && refused > 0)
    }

    private var llama: JSONValue {
        [
            "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 64, "intermediate_size": 48,
        ]
    }

    private func configuration(_ values: JSONValue) throws -> ModelConfiguration {
        try ModelConfiguration(values, file: "/checkpoint/config.json")
    }
}

extension JSONValue {
    /// The object with a member replaced, or without it where the value is `.none`.
    func setting(_ key: String, _ value: JSONValue?) throws -> JSONValue {
        var members = try #require(objectValue)
        members[key] = value
        return .object(members)
    }
}

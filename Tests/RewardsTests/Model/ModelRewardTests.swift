import Diagnostics
import Experiment
import Foundation
import JSON
import LanguageModel
import Rewards
import Testing
import Text
import Torch

/// Rewards made from specs score prompts and responses in text as the reference scores their tokens.
@Suite("Model-backed rewards", .enabled(if: (try? TorchLibrary.path()) != nil, "libtorch is not set up"))
struct ModelRewardTests {
    static let checkpoints = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/checkpoints").path

    static let families = ["llama", "mistral", "qwen2", "qwen3", "gemma2", "gpt_neox"]

    static func settings(_ template: TemplateChoice = .raw) -> ModelSettings {
        var settings = ModelSettings()
        settings.elementType = .float32
        settings.template = template
        settings.wantsPerToken = true
        return settings
    }

    /// One case of a fixture as a group of one response, with what the reference computes.
    struct Case {
        var group: Group
        var values: JSONValue
    }

    static func cases(_ name: String) throws -> [Case] {
        let tokenizer = try Tokenizer(directory: "\(checkpoints)/\(name)")
        let expected = try JSONValue(readingFile: "\(checkpoints)/\(name)/expected.json")
        return try (expected["cases"]?.arrayValue ?? []).enumerated().map { index, values in
            func text(_ key: String) throws -> String {
                let ids = try #require(values[key]?.arrayValue).map { Int32(try #require($0.intValue)) }
                let text = tokenizer.decode(ids, skipSpecialTokens: false)
                try #require(try tokenizer.encode(text, addSpecialTokens: false).ids == ids)
                return text
            }
            let group = Group(
                id: "case-\(index)", prompt: .text(try text("prompt_ids")), responses: [try text("response_ids")])
            return Case(group: group, values: values)
        }
    }

    static func scores(
        _ spec: String, _ groups: [Group], settings: ModelSettings = settings()
    ) async throws -> [GroupScore] {
        let rewards = ModelRewards(settings: settings)
        let reward = try await RewardSpec(parsing: spec).makeReward { (spec) async throws(Diagnostic) in
            try await rewards.make(spec)
        }
        return try await reward.score(groups)
    }

    @Test("A likelihood is the reference's, in sum and per token", arguments: families)
    func likelihood(_ name: String) async throws {
        let cases = try Self.cases(name)
        let path = "\(Self.checkpoints)/\(name)"
        let sums = try await Self.scores("likelihood:\(path)", cases.map(\.group))
        let means = try await Self.scores("likelihood:\(path)?normalize=tokens", cases.map(\.group))
        for (index, item) in cases.enumerated() {
            let expected = try #require(item.values["likelihood"]?.doubleValue)
            let count = try #require(item.values["response_ids"]?.arrayValue?.count)
            #expect(abs(sums[index].scores[0] - expected) <= 1e-4 * abs(expected), "case \(index)")
            #expect(abs(means[index].scores[0] - expected / Double(count)) <= 1e-4 * abs(expected) / Double(count))
            let terms = try #require(sums[index].perToken?.first)
            #expect(terms.count == count)
            #expect(abs(terms.reduce(0, +) - sums[index].scores[0]) < 1e-9 * Double(count) * abs(expected))
        }
    }

    @Test("An endogenous return is the reference's, and its tokens' rewards add up to it", arguments: families)
    func endogenous(_ name: String) async throws {
        let cases = try Self.cases(name)
        let returns = try #require(cases.first?.values["returns"]?.arrayValue)
        for (number, setting) in returns.enumerated() {
            let gamma = try #require(setting["gamma"]?.doubleValue)
            let alpha = try #require(setting["alpha"]?.doubleValue)
            let scores = try await Self.scores(
                "endogenous:\(Self.checkpoints)/\(name)?gamma=\(gamma)&alpha=\(alpha)", cases.map(\.group))
            for (index, item) in cases.enumerated() {
                let expected = try #require(item.values["returns"]?.arrayValue?[number])
                let tolerance = 1e-5 * (try #require(expected["terms"]?.doubleValue))
                let score = scores[index].scores[0]
                #expect(abs(score - (try #require(expected["return"]?.doubleValue))) <= tolerance, "\(gamma) \(alpha)")
                let discounted = try #require(scores[index].perToken?.first).enumerated().reduce(0.0) {
                    $0 + pow(gamma, Double($1.offset)) * $1.element
                }
                #expect(abs(discounted - score) <= tolerance)
            }
        }
    }

    @Test("At γ = α = 1 the endogenous reward ranks the responses to a prompt as their likelihood does")
    func ranking() async throws {
        let path = "\(Self.checkpoints)/qwen2"
        let group = Group(
            id: "g", prompt: .text("How many apples are left of 12?"),
            responses: [" 7", " There are 7 apples left.", " Nobody knows.", " 12 - 5 = 7", " none at all"])
        let endogenous = try await Self.scores("endogenous:\(path)", [group])[0].scores
        let likelihood = try await Self.scores("likelihood:\(path)", [group])[0].scores
        let offset = endogenous[0] - likelihood[0]
        for index in endogenous.indices {
            #expect(abs(endogenous[index] - likelihood[index] - offset) < 1e-4)
        }
    }

    @Test("An implicit reward is β times the difference of two likelihoods, and zero against itself")
    func implicit() async throws {
        let groups = try Self.cases("llama").map(\.group)
        let (policy, reference) = ("\(Self.checkpoints)/llama", "\(Self.checkpoints)/llama3-rope")
        let first = try await Self.scores("likelihood:\(policy)", groups)
        let second = try await Self.scores("likelihood:\(reference)", groups)
        let implicit = try await Self.scores("implicit:\(policy)?reference=\(reference)&beta=0.5", groups)
        let alone = try await Self.scores("implicit:\(policy)?reference=none&beta=2", groups)
        let same = try await Self.scores("implicit:\(policy)?reference=\(policy)", groups)
        for index in groups.indices {
            let difference = 0.5 * (first[index].scores[0] - second[index].scores[0])
            let tolerance = 1e-6 * abs(first[index].scores[0])
            #expect(abs(implicit[index].scores[0] - difference) < tolerance)
            #expect(abs(alone[index].scores[0] - 2 * first[index].scores[0]) < tolerance)
            #expect(same[index].scores[0] == 0)
        }
    }

    @Test("An explicit reward is the reference's head on the last token, or its mean", arguments: families)
    func explicit(_ name: String) async throws {
        let path = "\(Self.checkpoints)/\(name)-reward"
        let expected = try JSONValue(readingFile: path + "/expected.json")
        let tokenizer = try Tokenizer(directory: path)
        var compared = 0
        for item in try #require(expected["rewards"]?.arrayValue) {
            let ids = try #require(item["ids"]?.arrayValue).map { Int32(try #require($0.intValue)) }
            guard ids.count > 1 else { continue }
            let split = ids.count / 2
            let group = Group(
                id: "g", prompt: .text(tokenizer.decode(Array(ids[..<split]), skipSpecialTokens: false)),
                responses: [tokenizer.decode(Array(ids[split...]), skipSpecialTokens: false)])
            for (spec, key) in [("pool=last", "score"), ("pool=hf", "score"), ("pool=mean", "mean")] {
                guard let value = item[key]?.doubleValue else { continue }
                let score = try await Self.scores("explicit:\(path)?\(spec)", [group])[0]
                guard score.tokens[0] == ids.count else { continue }
                #expect(abs(score.scores[0] - value) <= 1e-4 * max(1, abs(value)), "\(spec)")
                compared += 1
            }
        }
        #expect(compared >= 6)
    }

    /// The fixture with its last two tokens renamed Yes and No.
    static func checkpointWithVerdicts(in folder: String) throws {
        for file in ["config.json", "model.safetensors", "tokenizer_config.json"] {
            let source = URL(filePath: "\(checkpoints)/llama/\(file)").resolvingSymlinksInPath()
            try FileManager.default.copyItem(atPath: source.path, toPath: "\(folder)/\(file)")
        }
        var tokenizer = try #require(JSONValue(readingFile: "\(checkpoints)/llama/tokenizer.json").objectValue)
        var model = try #require(tokenizer["model"]?.objectValue)
        let vocabulary = try #require(model["vocab"]?.objectValue)
        let size = vocabulary.count
        model["vocab"] = .object(JSONObject(vocabulary.filter { ($0.value.intValue ?? 0) < size - 2 }))
        model["merges"] = .array(try #require(model["merges"]?.arrayValue).dropLast(2))
        var added = try #require(tokenizer["added_tokens"]?.arrayValue)
        for (index, word) in ["Yes", "No"].enumerated() {
            var token = try #require(added.first?.objectValue)
            token["id"] = .integer(size - 2 + index)
            token["content"] = .string(word)
            token["special"] = false
            added.append(.object(token))
        }
        tokenizer["model"] = .object(model)
        tokenizer["added_tokens"] = .array(added)
        try JSONValue.object(tokenizer).text.write(
            toFile: "\(folder)/tokenizer.json", atomically: true, encoding: .utf8)
    }

    @Test("A verdict is the log-odds of Yes over No, and its tokens are on record, ids and texts")
    func verdict() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "verdict-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.checkpointWithVerdicts(in: folder)
        try "{prompt} is {response}?".write(toFile: "\(folder)/ask.txt", atomically: true, encoding: .utf8)
        let rewards = ModelRewards(settings: Self.settings())
        let reward = try await rewards.make(try RewardSpec(parsing: "verdict:\(folder)?prompt=\(folder)/ask.txt"))
        let verdicts = try await reward.score([Group(id: "g", prompt: .text("2 + 2"), responses: ["4", "5"])])[0]
        for (index, text) in ["2 + 2 is 4?", "2 + 2 is 5?"].enumerated() {
            let words = Group(id: "w", prompt: .text(text), responses: ["Yes", "No"])
            let likelihoods = try await Self.scores("likelihood:\(folder)", [words])[0].scores
            #expect(abs(verdicts.scores[index] - (likelihoods[0] - likelihoods[1])) < 1e-4)
        }
        let tokenizer = try Tokenizer(directory: folder)
        for (key, word) in [("yes", "Yes"), ("no", "No")] {
            let id = Int(try #require(tokenizer.id(of: word)))
            #expect(reward.provenance["\(key)_tokens"] == [.integer(id)])
            #expect(reward.provenance["\(key)_texts"] == [.string(word)])
        }
    }

    @Test("A tokenizer without one token for Yes makes no verdicts")
    func verdictWithoutWords() async throws {
        let spec = try RewardSpec(parsing: "verdict:\(Self.checkpoints)/llama")
        let rewards = ModelRewards(settings: Self.settings())
        let error = await #expect(throws: Diagnostic.self) { try await rewards.make(spec) }
        #expect(error?.message.contains("no single token for the verdict") == true)
    }

    @Test("A reward says what it lacks")
    func refusals() async throws {
        let groups = try Self.cases("llama").map(\.group)
        let path = Self.checkpoints
        await #expect(throws: Diagnostic.self) { try await Self.scores("explicit:\(path)/llama", groups) }
        await #expect(throws: Diagnostic.self) { try await Self.scores("likelihood:\(path)/llama-reward", groups) }
        await #expect(throws: Diagnostic.self) { try await Self.scores("implicit:\(path)/llama", groups) }
        await #expect(throws: Diagnostic.self) { try await Self.scores("likelihood:\(path)/nowhere", groups) }
    }

    @Test("Scores do not depend on what else is in the batch")
    func batching() async throws {
        let groups = try Self.cases("qwen3").map(\.group)
        let spec = "endogenous:\(Self.checkpoints)/qwen3"
        let together = try await Self.scores(spec, groups)
        for (index, group) in groups.enumerated() {
            let alone = try await Self.scores(spec, [group])[0]
            let terms = try #require(alone.perToken?.first).reduce(0) { $0 + abs($1) }
            #expect(abs(alone.scores[0] - together[index].scores[0]) <= 1e-5 * terms)
        }
    }

    @Test("Truncation is refused, or cuts all responses of a row alike and says so")
    func truncation() async throws {
        let path = "\(Self.checkpoints)/llama"
        let group = Group(
            id: "long", prompt: .text("one two three four five six seven"),
            responses: [" yes", " no, it is not so at all"])
        var settings = Self.settings()
        let whole = try await Self.scores("likelihood:\(path)", [group], settings: settings)[0]
        settings.maximumLength = whole.tokens[1] - 2
        let strict = settings
        await #expect(throws: Diagnostic.self) {
            try await Self.scores("likelihood:\(path)", [group], settings: strict)
        }
        settings.truncation = .promptLeft
        let left = try await Self.scores("likelihood:\(path)", [group], settings: settings)[0]
        #expect(left.truncated == [true, true])
        #expect(left.tokens == whole.tokens.map { $0 - 2 })
        settings.truncation = .responseRight
        let right = try await Self.scores("likelihood:\(path)", [group], settings: settings)[0]
        #expect(right.truncated == [false, true])
        #expect(abs(right.scores[0] - whole.scores[0]) < 1e-6 * abs(whole.scores[0]))
        #expect(right.tokens[1] == settings.maximumLength)
    }
}

import Diagnostics
import Experiment
import HTTPProxy
import JSON
import Text

/// `remote:URL?model=…` — a served model's scores: what a scoring endpoint says, or log π(y|x) of a language model that
/// gives the log-probabilities of a prompt's tokens.
struct RemoteReward: Reward, Sendable {
    enum Mode: String, CaseIterable {
        /// `POST URL/rewards` (docs/serve.md).
        case rewards
        /// `POST URL/completions` with `prompt_logprobs`.
        case promptLogprobs = "prompt-logprobs"
        /// `POST URL/completions` with `echo` and `logprobs`.
        case echo
    }

    enum Normalization: String, CaseIterable { case none, tokens }

    let spec: String
    private let endpoint: ServedEndpoint
    private let model: String?
    private let mode: Mode
    private let normalization: Normalization

    /// - Throws: `usage` where a key or value is wrong.
    init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        mode = try parameters.choice("mode", default: Mode.rewards)
        model = mode == .rewards ? parameters.text("model") : try parameters.requiredText("model", form: "NAME")
        normalization = try parameters.choice("normalize", default: Normalization.none)
        endpoint = try ServedEndpoint(reward: spec.source, &parameters)
        try parameters.finish()
        if mode == .rewards, spec["normalize"] != nil {
            throw parameters.failure(
                "a served reward's scores are taken as they are", at: "normalize",
                remedy: "Leave normalize out, or give mode=prompt-logprobs or mode=echo")
        }
        self.spec = spec.description
    }

    var provenance: JSONValue {
        var members: JSONObject = [
            "kind": "remote", "address": .string(endpoint.address), "model": model.map { .string($0) } ?? .null,
            "mode": .string(mode.rawValue),
        ]
        if mode != .rewards {
            members["logprobs"] = .string(mode == .echo ? "echo" : "prompt_logprobs")
            members["normalize"] = .string(normalization.rawValue)
            members["template"] = "raw"
        }
        return .object(members)
    }

    /// What is computed is computed elsewhere.
    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        if mode != .rewards { _ = try text(of: group) }
        let none = group.responses.map { _ in 0 }
        return GroupPlan(tokensComputed: 0, tokens: none, truncated: group.responses.map { _ in false })
    }

    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        try await endpoint.together(groups) { (group) async throws(Diagnostic) in
            do throws(Diagnostic) {
                return try await mode == .rewards ? served(group) : likelihoods(group)
            } catch {
                throw error.located(at: group)
            }
        }
    }

    private func served(_ group: Group) async throws(Diagnostic) -> GroupScore {
        var body: JSONObject = ["responses": .array(group.responses.map { .string($0) })]
        if let model { body["model"] = .string(model) }
        body["prompt"] = group.prompt.json
        let answer = try await endpoint.post("/rewards", .object(body))
        let entries = answer["data"]?.arrayValue ?? []
        let scores = entries.compactMap { $0["score"]?.doubleValue }
        guard scores.count == group.responses.count, entries.count == scores.count, !scores.contains(where: \.isNaN)
        else {
            throw unreadable("\(scores.count) scores for \(group.responses.count) responses")
        }
        return GroupScore(
            id: group.id, scores: scores, tokens: entries.map { $0["tokens"]?.intValue ?? 0 },
            truncated: entries.map { $0["truncated"]?.boolValue ?? false })
    }

    /// Reads the prompt alone and with each response: the tokens that come on top are the response's.
    private func likelihoods(_ group: Group) async throws(Diagnostic) -> GroupScore {
        let prompt = try text(of: group)
        let head = try await tokens(of: prompt)
        var (scores, counts): ([Double], [Int]) = ([], [])
        for (index, response) in group.responses.enumerated() {
            let whole = try await tokens(of: prompt + response)
            do throws(Diagnostic) { scores.append(try score(whole, after: head)) } catch {
                throw error.located(field: "response \(index + 1)")
            }
            counts.append(whole.count)
        }
        return GroupScore(id: group.id, scores: scores, tokens: counts)
    }

    private func text(of group: Group) throws(Diagnostic) -> String {
        guard case .text(let text) = group.prompt, !text.isEmpty else {
            throw Diagnostic(
                .badData, "log-probabilities of a served model are read of plain texts",
                at: .init(field: "prompt"),
                remedy: "Give the prompt as one string that is not empty, rendered as the model wants it"
            ).located(at: group)
        }
        return text
    }

    private func tokens(of text: String) async throws(Diagnostic) -> [RemoteToken] {
        var body: JSONObject = ["prompt": .string(text), "max_tokens": 1, "temperature": 0]
        body["model"] = model.map { .string($0) }
        switch mode {
        case .echo:
            body["echo"] = true
            body["logprobs"] = 0
            body["max_tokens"] = 0
        default: body["prompt_logprobs"] = 0
        }
        let answer = try await endpoint.post("/completions", .object(body))
        guard let choice = answer["choices"]?.arrayValue?.first else { throw unreadable("no choices") }
        let tokens =
            mode == .echo
            ? RemoteToken.echoed(choice, generated: answer["usage"]?["completion_tokens"]?.intValue)
            : RemoteToken.prompt(choice)
        guard let tokens else { throw unreadable("no log-probabilities of the prompt's tokens") }
        return tokens
    }

    private func score(_ whole: [RemoteToken], after head: [RemoteToken]) throws(Diagnostic) -> Double {
        // The first token stands after nothing: not all servers name it, and none gives its probability.
        let names = zip(whole, head).dropFirst()
        guard whole.count >= head.count, names.allSatisfy({ $0.name == $1.name }) else {
            throw Diagnostic(
                .badData, "a token spans the end of the prompt and the start of the response",
                remedy: "End the prompt where a token ends, such as in a line break")
        }
        let own = whole.dropFirst(max(head.count, 1)).compactMap(\.logProbability)
        guard !own.isEmpty, own.count == whole.count - max(head.count, 1) else {
            throw Diagnostic(.badData, "the response has no tokens, or some without a probability")
        }
        let sum = own.reduce(0, +)
        return normalization == .tokens ? sum / Double(own.count) : sum
    }

    private func unreadable(_ what: String) -> Diagnostic {
        Diagnostic(
            .unavailable, "the server's answer holds \(what)", at: .init(file: endpoint.address),
            remedy: "Check that the server offers mode=\(mode.rawValue); docs/rewards.md says what it has to answer")
    }
}

/// A token of a text that a server has read.
struct RemoteToken: Sendable, Hashable {
    /// Its id or its text, whichever the server gives.
    var name: String
    /// In nats; `nil` for the first token.
    var logProbability: Double?

    /// vLLM's `prompt_logprobs`: null, then an object with one entry by id. Where there are more, it cannot be told which one
    /// stands in the prompt.
    static func prompt(_ choice: JSONValue) -> [RemoteToken]? {
        guard let entries = choice["prompt_logprobs"]?.arrayValue else { return nil }
        let tokens = entries.map { entry -> RemoteToken? in
            guard let members = entry.objectValue else { return RemoteToken(name: "", logProbability: nil) }
            guard members.count == 1, let member = members.first else { return nil }
            return RemoteToken(name: member.key, logProbability: member.value["logprob"]?.doubleValue)
        }
        return tokens.contains(nil) ? nil : tokens.compactMap(\.self)
    }

    /// `logprobs` of a completion that is its prompt. Where a server generates although nothing was asked for, it cannot be told
    /// where the prompt ends.
    static func echoed(_ choice: JSONValue, generated: Int?) -> [RemoteToken]? {
        guard let names = choice["logprobs"]?["tokens"]?.arrayValue, (generated ?? 0) == 0,
            let values = choice["logprobs"]?["token_logprobs"]?.arrayValue, names.count == values.count
        else { return nil }
        return zip(names, values).map { RemoteToken(name: $0.stringValue ?? "", logProbability: $1.doubleValue) }
    }
}

extension Prompt {
    /// As a request holds it: a text, or messages.
    var json: JSONValue {
        switch self {
        case .text(let text): return .string(text)
        case .messages(let messages):
            return .array(
                messages.map { message in
                    var members: JSONObject = ["role": .string(message.role), "content": .string(message.content)]
                    for (key, value) in message.fields { members[key] = value }
                    return .object(members)
                })
        }
    }
}

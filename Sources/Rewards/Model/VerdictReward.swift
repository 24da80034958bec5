import Diagnostics
import Experiment
import JSON
import LanguageModel
import RealModule
import Text

/// `verdict:DIR?prompt=FILE` — a generative reward model's one-token verdict after a verification prompt:
/// P(Yes) / (P(Yes) + P(No)), scored by its log-odds, which keep apart what a saturated probability would tie.
struct VerdictReward: Reward, Sendable {
    let spec: String
    let reader: SequenceReader
    let system: String?
    private let question: VerificationPrompt
    private let yes: [Int32]
    private let no: [Int32]

    init(_ spec: RewardSpec, _ reader: SequenceReader, settings: ModelSettings) throws(Diagnostic) {
        var parameters = spec.parameterReader
        question = try VerificationPrompt(file: parameters.text("prompt"))
        system = try Instruction.read(parameters.text("system"))
        try parameters.finish()
        self.spec = spec.description
        self.reader = reader
        yes = try Self.tokens(["Yes", " Yes", "yes", " yes"], reader)
        no = try Self.tokens(["No", " No", "no", " no"], reader)
        guard Set(yes).isDisjoint(with: no) else {
            throw Diagnostic(
                .badData, "the tokenizer writes Yes and No as the same token", at: .init(file: spec.source),
                remedy: "Name a checkpoint whose tokenizer knows both words")
        }
    }

    /// The ids of those spellings that are one token.
    private static func tokens(_ spellings: [String], _ reader: SequenceReader) throws(Diagnostic) -> [Int32] {
        let tokenizer = reader.checkpoint.encoder.tokenizer
        var ids: [Int32] = []
        for spelling in spellings {
            let encoded = try tokenizer.encode(spelling, addSpecialTokens: false).ids
            if encoded.count == 1, !ids.contains(encoded[0]) { ids.append(encoded[0]) }
        }
        guard !ids.isEmpty else {
            throw Diagnostic(
                .badData, "the tokenizer has no single token for the verdict '\(spellings[0])'",
                at: .init(file: reader.checkpoint.directory),
                remedy: "Name a checkpoint whose tokenizer writes Yes and No as one token each")
        }
        return ids
    }

    var provenance: JSONValue {
        var members = reader.provenance
        members["prompt"] = .string(question.text)
        members["system"] = system.map { .string($0) } ?? .null
        members["yes_tokens"] = .array(yes.map { .integer(Int($0)) })
        members["no_tokens"] = .array(no.map { .integer(Int($0)) })
        members["yes_texts"] = texts(yes)
        members["no_texts"] = texts(no)
        return .object(members)
    }

    /// What tokens stand for, each alone.
    private func texts(_ ids: [Int32]) -> JSONValue {
        let tokenizer = reader.checkpoint.encoder.tokenizer
        return .array(ids.map { .string(tokenizer.decode([$0], skipSpecialTokens: false)) })
    }

    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        let sequences = try encode(group)
        return GroupPlan(
            tokensComputed: PrefixTree(sequences).rowCount, tokens: sequences.map(\.count),
            truncated: sequences.map { _ in false })
    }

    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var sequences: [[[Int32]]] = []
        for group in groups { sequences.append(try encode(group)) }
        let readings = try await reader.read(sequences, .candidates(yes + no))
        return zip(groups, zip(sequences, readings)).map { group, pair in
            GroupScore(id: group.id, scores: pair.1.map(logOdds), tokens: pair.0.map(\.count))
        }
    }

    private func logOdds(_ reading: SequenceReading) -> Double {
        guard case .candidates(let logits) = reading else { return .nan }
        return Self.logSumExp(logits.prefix(yes.count)) - Self.logSumExp(logits.suffix(no.count))
    }

    private static func logSumExp(_ values: some Collection<Double>) -> Double {
        let top = values.max() ?? 0
        return top + .log(values.reduce(0) { $0 + .exp($1 - top) })
    }

    /// The verification dialogue of each response; nothing of it is cut, because a verdict on a part is another verdict.
    private func encode(_ group: Group) throws(Diagnostic) -> [[Int32]] {
        var sequences: [[Int32]] = []
        do throws(Diagnostic) {
            for response in group.responses { sequences.append(try encode(group.prompt, response)) }
        } catch {
            throw error.located(field: "response \(sequences.count + 1)").located(at: group)
        }
        return sequences
    }

    private func encode(_ prompt: Prompt, _ response: String) throws(Diagnostic) -> [Int32] {
        let text = Prompt.text(question.filled(prompt: prompt, response: response))
        let tokens = try reader.checkpoint.encoder.encode(
            dialogue: text.messages(after: system), plainText: text.plainText(after: system))
        guard tokens.count <= reader.maximumLength else {
            throw Diagnostic(
                .badData,
                "the verification prompt has \(tokens.count) tokens; the maximum length is \(reader.maximumLength)",
                remedy: "\(reader.lengthLimit.remedy), or leave the row out; a verdict's prompt is never cut")
        }
        return tokens
    }
}

/// The text that asks for a verdict, with places for `{prompt}` and `{response}`.
struct VerificationPrompt: Sendable {
    let text: String

    static let standard = """
        Below are a request and a response to it. Decide whether the response is correct and does what was asked.

        Request:
        {prompt}

        Response:
        {response}

        Is the response correct? Answer with one word, Yes or No.
        """

    /// - Throws: what reading the file throws; `badData` where it has no place for the response.
    init(file: String?) throws(Diagnostic) {
        text = try Instruction.read(file) ?? Self.standard
        guard text.contains("{response}") else {
            throw Diagnostic(
                .badData, "the verification prompt has no place for the response", at: .init(file: file),
                remedy: "Write {prompt} and {response} where they should stand")
        }
    }

    /// The text with prompt and response in their places; what they hold themselves is never filled in again.
    func filled(prompt: Prompt, response: String) -> String {
        let request =
            switch prompt {
            case .text(let text): text
            case .messages(let messages): messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n\n")
            }
        return text.split(separator: "{response}", omittingEmptySubsequences: false)
            .map { part in
                part.split(separator: "{prompt}", omittingEmptySubsequences: false).joined(separator: request)
            }
            .joined(separator: response)
    }
}

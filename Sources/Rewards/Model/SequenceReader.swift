import Diagnostics
import Experiment
import JSON
import LanguageModel
import Text
import Torch

/// What the model-backed rewards have in common: encoding groups by the settings, and reading the sequences of a whole
/// batch of groups in one go.
struct SequenceReader: Sendable {
    let checkpoint: Checkpoint
    let settings: ModelSettings

    /// The tokens of each response of a group, within the maximum length.
    ///
    /// - Parameter system: an instruction that goes before the dialogue.
    func encode(_ group: Group, system: String? = nil) throws(Diagnostic) -> [EncodedResponse] {
        do throws(Diagnostic) {
            let encoded = try checkpoint.encoder.encode(
                prompt: group.prompt.messages(after: system), plainPrompt: group.prompt.plainText(after: system),
                responses: group.responses)
            return try EncodedResponse.fit(encoded, within: lengthLimit, by: settings.truncation)
        } catch {
            throw error.located(at: group)
        }
    }

    var lengthLimit: LengthLimit {
        let positions = checkpoint.configuration.maximumPositions
        return LengthLimit(maximum: settings.maximumLength ?? positions, positions: positions)
    }

    var maximumLength: Int { lengthLimit.maximum }

    /// Reads all sequences of all groups; the result has the groups' structure.
    func read(_ sequences: [[[Int32]]], _ readout: Readout) async throws(Diagnostic) -> [[SequenceReading]] {
        let batch = try await checkpoint.read(
            sequences.flatMap(\.self), readout, rowsPerPass: settings.rowsPerPass)
        var rest = batch.readings[...]
        return sequences.map { group in
            defer { rest = rest.dropFirst(group.count) }
            return Array(rest.prefix(group.count))
        }
    }

    /// Logit and log-sum-exp of every response token, at a temperature.
    func readResponses(
        _ encoded: [[EncodedResponse]], temperature: Double = 1
    ) async throws(Diagnostic) -> [[TokenReading]] {
        let readings = try await read(
            encoded.map { $0.map(\.tokensThroughResponse) },
            .tokens(from: encoded.flatMap(\.self).map(\.response.lowerBound), temperature: temperature))
        return readings.map { group in
            group.map { reading in
                guard case .tokens(let chosen, let logSumExp) = reading else {
                    return TokenReading(chosen: [], logSumExp: [])
                }
                return TokenReading(chosen: chosen, logSumExp: logSumExp)
            }
        }
    }

    /// What the checkpoint and the settings say of themselves, for the record.
    var provenance: JSONObject {
        [
            "checkpoint": .string(checkpoint.directory), "architecture": .string(checkpoint.configuration.architecture),
            "dtype": .string((settings.elementType ?? checkpoint.configuration.savedType ?? .float32).rawValue),
            "maximum_length": .integer(maximumLength),
            "truncation": settings.truncation.map { .string($0.rawValue) } ?? .null,
            "template": checkpoint.encoder.template.map { .string($0.source) } ?? "raw",
        ]
    }
}

/// z(token) / temperature and log Σ exp(z / temperature) of every response token.
struct TokenReading: Sendable {
    var chosen: [Double]
    var logSumExp: [Double]

    /// log π(token | before), natural logarithm.
    var logProbabilities: [Double] { zip(chosen, logSumExp).map { $0 - $1 } }
}

extension Prompt {
    func messages(after system: String?) -> [ChatMessage] {
        guard let system else { return messages }
        return [ChatMessage(role: "system", content: system)] + messages.filter { $0.role != "system" }
    }

    /// The prompt as one string, where it was given so; an instruction goes before it on lines of its own.
    func plainText(after system: String?) -> String? {
        guard case .text(let text) = self else { return nil }
        return system.map { "\($0)\n\n\(text)" } ?? text
    }
}

extension Diagnostic {
    /// The diagnostic, placed at the row it arose from.
    func located(at group: Group) -> Diagnostic {
        let field = location.field.map { "row '\(group.id)', \($0)" } ?? "row '\(group.id)'"
        return Diagnostic(
            category, message,
            at: .init(
                file: location.file ?? group.source?.file, line: location.line ?? group.source?.line, field: field),
            remedy: remedy)
    }
}

/// A reward that reads one encoding of each response.
protocol EncodingReward: Reward, Sendable {
    var reader: SequenceReader { get }
    var system: String? { get }
    /// The tokens that are computed for a response.
    func computed(_ encoded: EncodedResponse) -> [Int32]
    /// Scores encoded groups.
    func scores(_ groups: [[EncodedResponse]]) async throws(Diagnostic) -> [[ResponseScore]]
}

/// One response's score, with its tokens' rewards where the reward has them.
struct ResponseScore: Sendable {
    var score: Double
    var perToken: [Double]?
}

extension EncodingReward {
    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        let encoded = try reader.encode(group, system: system)
        return GroupPlan(
            tokensComputed: PrefixTree(encoded.map(computed)).rowCount, tokens: encoded.map { computed($0).count },
            truncated: encoded.map(\.isTruncated))
    }

    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var encoded: [[EncodedResponse]] = []
        for group in groups { encoded.append(try reader.encode(group, system: system)) }
        let scored = try await scores(encoded)
        var results: [GroupScore] = []
        for (index, group) in groups.enumerated() {
            results.append(try result(group, encoded[index], scored[index]))
        }
        return results
    }

    private func result(
        _ group: Group, _ encoded: [EncodedResponse], _ scored: [ResponseScore]
    ) throws(Diagnostic) -> GroupScore {
        for (index, response) in scored.enumerated() where response.score.isNaN {
            throw Diagnostic(
                .badData, "the model's score is not a number", at: .init(field: "response \(index + 1)"),
                remedy: "The checkpoint's weights may be damaged, or overflow in this dtype; try --dtype float32"
            ).located(at: group)
        }
        let perToken = scored.compactMap(\.perToken)
        return GroupScore(
            id: group.id, scores: scored.map(\.score), tokens: encoded.map { computed($0).count },
            truncated: encoded.map(\.isTruncated),
            perToken: reader.settings.wantsPerToken && perToken.count == scored.count ? perToken : nil)
    }
}

import Diagnostics
import Experiment
import JSON
import Statistics

/// `planted?accuracy=…`: gold's own values, permuted among responses of equal reference probability until the reward orders just the
/// wanted share of pairs right.
///
/// Accuracy is the probability that the reward orders a pair as gold does, for two responses of one prompt drawn from the
/// reference policy (as the world specifies it) that differ in gold; a tie counts half; prompts count equally. Each prompt keeps one
/// multiset of values, and each probability its part of it, so under the reference policy the rewards have the same distribution
/// at every accuracy: scale, spread and shape do not vary, accuracy does.
///
/// Every prompt goes its own way of swaps from accuracy 1 downwards (``PlantedPath``); how far is chosen prompt by prompt so that
/// the mean over prompts meets the target. With one seed, rewards of neighbouring accuracies differ in the swaps between them only.
public struct PlantedReward: RunReward {
    public let spec: String
    /// The accuracy that was asked for.
    public let target: Double
    /// The accuracy that the values have, exactly.
    public let accuracy: Double
    /// The reward of each response of the world's enumeration, [prompt][response].
    public let table: [[Double]]
    private let indexOfPrompt: [String: Int]
    private let indexOfResponse: [[Int32]: Int]
    private let seed: UInt64

    /// The achieved accuracy differs from the target by less than this, or the reward is refused.
    public static let tolerance = 0.001

    init(_ spec: RewardSpec, _ context: RunRewardContext) throws(Diagnostic) {
        var parameters = spec.parameterReader
        _ = try parameters.requiredText("accuracy", form: "0.8")
        target = try parameters.double("accuracy", default: 1, in: .closed(0...1))
        seed = try parameters.seed("seed", default: context.seed)
        try parameters.finish()
        guard let enumeration = context.enumeration, let logs = enumeration.specifiedLogProbabilities else {
            throw Self.failure(
                "planted needs a world whose responses and reference probabilities are listed", spec,
                remedy: "Use the world lookup, or learned")
        }
        let paths = Self.paths(enumeration.gold, logs, target: target, seed: seed)
        let planting = Planting(paths, target: target)
        accuracy = planting.accuracy
        guard abs(accuracy - target) < Self.tolerance else {
            throw Self.failure(
                "accuracy \(target) cannot be planted here: the nearest is \(accuracy)", spec,
                remedy: "Ask for that, or use lookup with more prompts and answers a class")
        }
        self.spec = spec.description
        table = zip(paths, planting.swaps).map { $0.values(after: $1) }
        indexOfPrompt = Dictionary(
            context.prompts.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        indexOfResponse = Dictionary(
            enumeration.responses.enumerated().map { ($1.tokens, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func paths(
        _ gold: [[Double]], _ logs: [[Double]], target: Double, seed: UInt64
    ) -> [PlantedPath] {
        zip(gold, logs).enumerated().map { index, row in
            let stream = RandomStream(seed: seed, purpose: "planted", item: UInt64(index))
            var path = PlantedPath(gold: row.0, logProbabilities: row.1, stream: stream)
            path.extend(below: target, beyond: Planting.reach)
            return path
        }
    }

    private static func failure(_ message: String, _ spec: RewardSpec, remedy: String) -> Diagnostic {
        Diagnostic(
            .usage, message, at: .init(field: "reward '\(RewardSpec.excerpt(of: spec.description))'"), remedy: remedy)
    }

    public var provenance: JSONValue {
        ["kind": "planted", "accuracy": .number(accuracy), "target": .number(target), "seed": .string(String(seed))]
    }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var scores: [GroupScore] = []
        for group in groups {
            let sampled = try group.sampled(for: spec)
            guard let row = indexOfPrompt[sampled.prompt.id] else {
                throw Diagnostic(
                    .badData, "planted has no values for the prompt '\(sampled.prompt.id)'", at: .init(field: spec),
                    remedy: "Score prompts that are trained on")
            }
            scores.append(GroupScore(id: group.id, scores: try values(of: sampled.responses, in: table[row])))
        }
        return scores
    }

    private func values(of responses: [Response], in row: [Double]) throws(Diagnostic) -> [Double] {
        var values: [Double] = []
        for response in responses {
            guard let place = indexOfResponse[response.tokens] else {
                throw Diagnostic(
                    .badData, "the tokens \(response.tokens) are no response of the world", at: .init(field: spec))
            }
            values.append(row[place])
        }
        return values
    }
}

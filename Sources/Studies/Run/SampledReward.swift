import Diagnostics
import Experiment
import JSON
import LanguageModel
import Statistics
import Torch

/// A `learned` reward where responses cannot be listed: a decoder with a head, its scores shifted and scaled.
@TensorActor
final class SampledReward: Reward {
    nonisolated let spec: String
    nonisolated let notes: Notes
    private let model: Decoder

    /// What was found of the trained model on the reference policy's samples.
    struct Notes: Sendable {
        /// A response's reward is (score − shift)·scale: over the samples its mean is 0, and its mean within-prompt variance gold's.
        var shift: Double
        var scale: Double
        /// Share of pairs that differ in gold and are ordered as gold orders them, prompts counted alike; a tie counts half.
        var accuracy: Double
        /// Over prompts.
        var standardError: Double?
        var pairs: Int
        /// That have such pairs.
        var prompts: Int

        init(shift: Double, scale: Double, accuracy: Double, standardError: Double?, pairs: Int, prompts: Int) {
            (self.shift, self.scale, self.accuracy) = (shift, scale, accuracy)
            (self.standardError, self.pairs, self.prompts) = (standardError, pairs, prompts)
        }
    }

    /// - Parameter computeType: what scores are computed in.
    init(
        spec: String, world: any World, model: Decoder, computeType: ElementType, notes: Notes
    ) throws(Diagnostic) {
        (self.spec, self.notes) = (spec, notes)
        let isLarge = model.configuration.linearParametersPerToken >= 1_000_000
        self.model = isLarge ? try model.packed(as: computeType, rows: 1024) : model
    }

    nonisolated var provenance: JSONValue { ["kind": "learned", "notes": notes.json] }

    nonisolated func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        let (prompt, responses) = (try sampled(group).prompt.tokens, try sampled(group).responses)
        return GroupPlan(
            tokensComputed: prompt.count + responses.reduce(0) { $0 + $1.tokens.count },
            tokens: responses.map { prompt.count + $0.tokens.count }, truncated: responses.map { _ in false })
    }

    nonisolated func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] { try await scores(groups) }

    private func scores(_ groups: [Group]) throws(Diagnostic) -> [GroupScore] {
        var scores: [GroupScore] = []
        for group in groups {
            let raw = try Self.scores(model, try sampled(group))
            scores.append(GroupScore(id: group.id, scores: raw.map { ($0 - notes.shift) * notes.scale }))
        }
        return scores
    }

    /// The head's outputs for responses to a prompt, as the world has it; some of them at a time.
    static func scores(_ model: Decoder, _ group: Group.Sampled) throws(Diagnostic) -> [Double] {
        let longest = group.responses.reduce(1) { max($0, $1.tokens.count) }
        let size = max(1, (rowsPerPass - group.prompt.tokens.count) / longest)
        return try noGrad { () throws(Diagnostic) in
            var scores: [Double] = []
            for first in stride(from: 0, to: group.responses.count, by: size) {
                let part = group.responses[first..<min(first + size, group.responses.count)]
                scores += try model.finalScores(part.map { group.prompt.tokens + $0.tokens }).values.doubles()
            }
            return scores
        }
    }

    private static let rowsPerPass = 2048

    private nonisolated func sampled(_ group: Group) throws(Diagnostic) -> Group.Sampled {
        guard let sampled = group.sampled else {
            throw Diagnostic(
                .badData, "learned scores what a run samples, and '\(group.id)' is a row of a file",
                at: .init(field: spec),
                remedy: "Name the model's folder: explicit:FOLDER")
        }
        return sampled
    }
}

extension SampledReward.Notes {
    /// From groups with gold and scores that were not trained on.
    init(of groups: [SampledGroup]) throws(Diagnostic) {
        var shares: [String: [Double]] = [:]
        var (own, wanted, means) = ([Double](), [Double](), [Double]())
        pairs = 0
        for group in groups {
            own.append(try Moments(group.scores).variance ?? 0)
            wanted.append(try Moments(group.gold).variance ?? 0)
            means.append(group.scores.reduce(0, +) / Double(group.scores.count))
            var values: [Double] = []
            for (first, second) in group.pairs where group.gold[first] != group.gold[second] {
                let agreement =
                    (group.gold[first] - group.gold[second]) * (group.scores[first] - group.scores[second])
                values.append(agreement > 0 ? 1 : agreement == 0 ? 0.5 : 0)
            }
            pairs += values.count
            guard !values.isEmpty else { continue }
            shares[group.sampled.prompt.id, default: []].append(values.reduce(0, +) / Double(values.count))
        }
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(max(values.count, 1)) }
        (shift, scale) = (mean(means), mean(own) > 0 ? (mean(wanted) / mean(own)).squareRoot() : 0)
        prompts = shares.count
        guard !shares.isEmpty else {
            (accuracy, standardError) = (0.5, nil)
            return
        }
        let found = try studentMean(shares.keys.sorted().compactMap { shares[$0].map(mean) })
        (accuracy, standardError) = (found.point, found.standardError)
    }

    /// What is known of the reward before the first step.
    var reading: Reading {
        guard pairs > 0 else { return Reading("static.accuracy", nil) }
        return Reading("static.accuracy", accuracy, standardError: standardError, n: pairs, clusters: prompts)
    }

    var json: JSONValue {
        [
            "shift": .number(shift), "scale": .number(scale), "accuracy": .number(accuracy),
            "standard-error": standardError.map(JSONValue.number) ?? .null, "pairs": .integer(pairs),
            "prompts": .integer(prompts),
        ]
    }

    /// - Parameter place: the folder that it was read from.
    /// - Throws: `badData` where the value is no such record.
    init(_ value: JSONValue, at place: String) throws(Diagnostic) {
        guard let shift = value["shift"]?.doubleValue, let scale = value["scale"]?.doubleValue,
            let accuracy = value["accuracy"]?.doubleValue, let pairs = value["pairs"]?.intValue,
            let prompts = value["prompts"]?.intValue
        else {
            throw Diagnostic(
                .badData, "what is stored of the learned reward is not whole", at: .init(file: place),
                remedy: "Delete the folder: the reward is trained again")
        }
        self.init(
            shift: shift, scale: scale, accuracy: accuracy, standardError: value["standard-error"]?.doubleValue,
            pairs: pairs, prompts: prompts)
    }
}

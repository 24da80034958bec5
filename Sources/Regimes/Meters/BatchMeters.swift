import Diagnostics
import Experiment
import Rewards
import RealModule
import Statistics

/// What a batch of sampled groups shows, as numbers.
struct MeterBatch {
    var groups: [ScoredGroup]
    /// Gold, [group][response].
    var gold: [[Double]]
    /// log π of each token under the policy and the reference, [response][token], over all groups in order; `nil`: not read.
    var policy: [[Double]]?
    var reference: [[Double]]?
    /// Of the next token at each place, [response][token]: its entropy, and its KL divergence from the reference's.
    var distributions: BatchNumbers.Distributions?
}

/// Reads a batch; docs/METERS.md defines each meter.
struct BatchMeters {
    let settings: MeterSettings

    func read(_ batch: MeterBatch) throws(Diagnostic) -> [Reading] {
        guard !batch.groups.isEmpty else { return [] }
        let rewards = batch.groups.map(\.rewards)
        var readings = try values("reward", rewards)
        readings += try spread("reward", rewards)
        readings += try values("gold", batch.gold)
        readings += try spread("gold", batch.gold)
        readings += agreement(rewards, batch.gold)
        readings += try divergence(batch)
        readings += try responses(batch)
        readings += passes(batch.gold)
        readings += try calibration(batch)
        return readings
    }

    /// Mean (clustered by prompt), standard deviation, shape and quantiles over all responses.
    private func values(_ name: String, _ groups: [[Double]]) throws(Diagnostic) -> [Reading] {
        let all = groups.flatMap(\.self)
        let clusters = groups.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.count) }
        let mean = try clusteredMean(all, clusters: clusters)
        let moments = try Moments(all)
        let n = all.count
        var readings = [
            Reading("\(name).mean", of: mean),
            Reading("\(name).std", moments.standardDeviation, n: n),
            Reading("\(name).skewness", moments.skewness, n: n),
            Reading("\(name).kurtosis", moments.excessKurtosis, n: n),
        ]
        for (label, share) in [("q10", 0.1), ("q50", 0.5), ("q90", 0.9)] {
            readings.append(Reading("\(name).\(label)", try quantile(all, at: share), n: n))
        }
        readings.append(Reading("\(name).at-maximum", Double(all.count { $0 == moments.maximum }) / Double(n), n: n))
        return readings
    }

    /// How much the responses to one prompt differ.
    private func spread(_ name: String, _ groups: [[Double]]) throws(Diagnostic) -> [Reading] {
        var deviations: [Double] = []
        for group in groups where group.count > 1 { deviations.append(try Moments(group).standardDeviation ?? 0) }
        guard !deviations.isEmpty else { return [] }
        let flat = groups.count { group in group.allSatisfy { $0 == group[0] } }
        return [
            Reading(
                "\(name).within-group-std", deviations.reduce(0, +) / Double(deviations.count), n: deviations.count),
            Reading("\(name).groups-without-spread", Double(flat) / Double(groups.count), n: groups.count),
        ]
    }

    /// Whether the reward says what gold says.
    private func agreement(_ rewards: [[Double]], _ gold: [[Double]]) -> [Reading] {
        let (all, truth) = (rewards.flatMap(\.self), gold.flatMap(\.self))
        var pairs = PairCount()
        for (scores, values) in zip(rewards, gold) { pairs.add(scores, values) }
        return [
            Reading("reward-gold.correlation", try? pearsonCorrelation(all, truth), n: all.count),
            Reading("reward.accuracy", pairs.accuracy, n: pairs.count),
        ]
    }

    /// KL to the reference by sampled estimators, and the entropy.
    private func divergence(_ batch: MeterBatch) throws(Diagnostic) -> [Reading] {
        guard let policy = batch.policy else { return [] }
        let clusters = batch.groups.enumerated().flatMap {
            Array(repeating: $0.offset, count: $0.element.rewards.count)
        }
        var readings: [Reading] = []
        if let reference = batch.reference {
            for estimator in [KLEstimator.k1, .k3] {
                let kl = try klDivergence(
                    policy: policy, reference: reference, estimator: estimator, clusters: clusters,
                    clamp: settings.klClamp)
                let name = "kl.\(estimator.rawValue)"
                readings.append(Reading(name, of: kl.estimate))
                if estimator == .k3 {
                    readings.append(Reading("kl.clamped", Double(kl.clampedTokens), n: policy.count))
                }
            }
        }
        let surprise = try clusteredMean(policy.map { -$0.reduce(0, +) }, clusters: clusters)
        readings.append(Reading("entropy.response", of: surprise))
        guard let distributions = batch.distributions else { return readings }
        let tokens = distributions.entropies.flatMap(\.self)
        if !tokens.isEmpty {
            readings.append(Reading("entropy.token", tokens.reduce(0, +) / Double(tokens.count), n: tokens.count))
        }
        let stepwise = try clusteredMean(distributions.divergences.map { $0.reduce(0, +) }, clusters: clusters)
        readings.append(Reading("kl.stepwise", of: stepwise))
        return readings
    }

    /// For each response of a group the share of the group that gives its answer; 0 where it gives none.
    private func agreements(_ group: [Response]) throws(Diagnostic) -> [Double] {
        let answers = try settings.answer.answers(in: group.map(\.text))
        let counts = Dictionary(answers.compactMap { $0 }.map { ($0, 1) }, uniquingKeysWith: +)
        return answers.map { answer in Double(answer.flatMap { counts[$0] } ?? 0) / Double(group.count) }
    }

    private func responses(_ batch: MeterBatch) throws(Diagnostic) -> [Reading] {
        let groups = batch.groups.map(\.sampled.responses)
        let all = groups.flatMap(\.self)
        let n = Double(all.count)
        let distinct = groups.map { Double(Set($0.map(\.text)).count) / Double(max($0.count, 1)) }
        var most: [Double] = []
        for group in groups { most.append(try agreements(group).max() ?? 0) }
        return [
            Reading("length.mean", Double(all.reduce(0) { $0 + $1.tokens.count }) / n, n: all.count),
            Reading("length.truncated", Double(all.count { !$0.hasEnded }) / n, n: all.count),
            Reading("responses.distinct", distinct.reduce(0, +) / Double(distinct.count), n: all.count),
            Reading("responses.agreement", most.reduce(0, +) / Double(most.count), n: all.count),
        ]
    }

    /// Whether the share of a group that says the same is the probability of being right: agreement as a forecast.
    private func calibration(_ batch: MeterBatch) throws(Diagnostic) -> [Reading] {
        var forecasts: [Double] = []
        var outcomes: [Bool] = []
        for (group, gold) in zip(batch.groups, batch.gold) where gold.count > 1 {
            forecasts += try agreements(group.sampled.responses)
            outcomes += gold.map { $0 >= settings.passThreshold }
        }
        guard !forecasts.isEmpty else { return [] }
        let n = forecasts.count
        return [
            Reading("calibration.ece", try expectedCalibrationError(forecasts: forecasts, outcomes: outcomes), n: n),
            Reading("calibration.brier", try brierScore(forecasts: forecasts, outcomes: outcomes).score, n: n),
        ]
    }

    /// pass@k (Chen et al. 2021, equation 1), k a power of two up to the group's size.
    private func passes(_ gold: [[Double]]) -> [Reading] {
        let size = gold.map(\.count).min() ?? 0
        var readings: [Reading] = []
        var k = 1
        while k <= size {
            let each = gold.compactMap { group in
                try? passAtK(correct: group.count { $0 >= settings.passThreshold }, total: group.count, k: k)
            }
            if each.count == gold.count, !each.isEmpty {
                readings.append(Reading("pass@\(k)", each.reduce(0, +) / Double(each.count), n: gold.count))
            }
            k *= 2
        }
        return readings
    }
}

extension Reading {
    init(_ meter: String, of estimate: Estimate) {
        self.init(
            meter, estimate.point, standardError: estimate.standardError, n: estimate.n, clusters: estimate.clusters)
    }
}

/// How often a reward orders two responses to one prompt as gold does.
struct PairCount {
    private(set) var count = 0
    private var right = 0.0

    /// Pairs that gold calls equal say nothing; a tie of the reward counts half.
    mutating func add(_ rewards: [Double], _ gold: [Double]) {
        for first in rewards.indices {
            for second in rewards.indices where second > first && gold[first] != gold[second] {
                count += 1
                let agrees = (rewards[first] - rewards[second]) * (gold[first] - gold[second])
                right += agrees > 0 ? 1 : agrees == 0 ? 0.5 : 0
            }
        }
    }

    var accuracy: Double? { count > 0 ? right / Double(count) : nil }
}

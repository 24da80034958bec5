import Diagnostics
import Experiment
import Statistics

/// Do the sampled meters' standard errors hold the exact meters?
struct MeterChecks: TruenessChecks {
    let bank: TruenessBank
    let trained: TrainedPolicy
    let replication: Replication

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Sampled meters against exact ones",
            prose: """
                Meters cluster by prompt: their interval is for the mean over the population that the prompts come from. So \
                prompts are drawn from the world's \(trained.policy.count) with replacement, 4 responses each. Where a meter reads \
                all prompts of a world, which prompts they are is no longer left to chance; the interval then is too wide by \
                design and misses less than 5%. The last rows are the held-out meters of the bank's own runs, by its own sampler.
                """)
        for prompts in [16, 64] { table.rows += try await clustered(prompts) }
        table.rows += try await fixed()
        table.rows += try await pairs()
        table.rows += try sampler()
        return table
    }

    private static let names = ["gold.mean", "kl.k1", "kl.k3", "kl.stepwise"]

    private func clustered(_ prompts: Int) async throws(Diagnostic) -> [TruenessRow] {
        let truths = try truths()
        let names = Self.names.map { "\($0), \(prompts) prompts of 4 responses" }
        return try await replication.rates(names.map { ($0, TruenessRow.fixedN) }) { (stream) throws(Diagnostic) in
            let chosen = (0..<prompts).map { _ in stream.below(trained.policy.count) }
            return zip(try intervals(chosen, &stream), truths).map { $0.contains($1) }
        }
    }

    private func fixed() async throws(Diagnostic) -> [TruenessRow] {
        let truths = try truths()
        let names = Self.names.map { "\($0) misses, all \(trained.policy.count) prompts, 4 responses" }
        return try await replication.rates(names.map { ($0, .atMost(0.05)) }) { (stream) throws(Diagnostic) in
            zip(try intervals(Array(trained.policy.indices), &stream), truths).map { !$0.contains($1) }
        }
    }

    private func truths() throws(Diagnostic) -> [Double] {
        let gold = try trained.mean { (prompt) throws(Diagnostic) in
            try trained.policy[prompt].expectation(of: trained.gold[prompt])
        }
        let divergence = try trained.mean { (prompt) throws(Diagnostic) in
            try trained.policy[prompt].divergence(from: trained.reference[prompt])
        }
        return [gold, divergence, divergence, divergence]
    }

    private func intervals(_ prompts: [Int], _ stream: inout RandomStream) throws(Diagnostic) -> [Interval] {
        var (golds, policy, reference) = ([Double](), [[Double]](), [[Double]]())
        var (stepwise, clusters) = ([Double](), [Int]())
        for (cluster, prompt) in prompts.enumerated() {
            // Responses of one token: the first step's distribution is the prompt's.
            let divergence = try trained.policy[prompt].divergence(from: trained.reference[prompt])
            for response in TrainedPolicy.sample(4, of: trained.policy[prompt], &stream) {
                golds.append(trained.gold[prompt][response])
                policy.append([trained.policy[prompt].logProbabilities[response]])
                reference.append([trained.reference[prompt].logProbabilities[response]])
                stepwise.append(divergence)
                clusters.append(cluster)
            }
        }
        var intervals = [try clusteredMean(golds, clusters: clusters).interval]
        for estimator in [KLEstimator.k1, .k3] {
            let kl = try klDivergence(policy: policy, reference: reference, estimator: estimator, clusters: clusters)
            intervals.append(kl.estimate.interval)
        }
        intervals.append(try clusteredMean(stepwise, clusters: clusters).interval)
        return intervals
    }
}

extension MeterChecks {
    /// The bench's interval: right or wrong on pairs of responses, several pairs a prompt.
    private func pairs() async throws(Diagnostic) -> [TruenessRow] {
        let truth = try trained.mean { (prompt) throws(Diagnostic) in pairAccuracy(prompt) }
        var rows: [TruenessRow] = []
        for prompts in [50, 200] {
            rows.append(
                try await replication.rate(
                    "bench's accuracy on pairs, \(prompts) prompts of 4 pairs", TruenessRow.fixedN
                ) { (stream) throws(Diagnostic) in
                    var (values, clusters) = ([Double](), [Int]())
                    for cluster in 0..<prompts {
                        let prompt = stream.below(trained.policy.count)
                        for _ in 0..<4 {
                            values.append(drawPair(prompt, &stream))
                            clusters.append(cluster)
                        }
                    }
                    return try clusteredMean(values, clusters: clusters).interval.contains(truth)
                })
        }
        return rows
    }

    /// Whether the reward orders two answers of different gold, drawn uniformly, as gold does; a tie counts half.
    private func drawPair(_ prompt: Int, _ stream: inout RandomStream) -> Double {
        let (gold, rewards) = (trained.gold[prompt], trained.rewards[prompt])
        while true {
            let (first, second) = (stream.below(gold.count), stream.below(gold.count))
            if gold[first] != gold[second] { return Self.agreement(gold, rewards, first, second) }
        }
    }

    private func pairAccuracy(_ prompt: Int) -> Double {
        let (gold, rewards) = (trained.gold[prompt], trained.rewards[prompt])
        var (right, count) = (0.0, 0)
        for first in gold.indices {
            for second in gold.indices where gold[first] != gold[second] {
                right += Self.agreement(gold, rewards, first, second)
                count += 1
            }
        }
        return right / Double(count)
    }

    private static func agreement(_ gold: [Double], _ rewards: [Double], _ first: Int, _ second: Int) -> Double {
        let product = (gold[first] - gold[second]) * (rewards[first] - rewards[second])
        return product > 0 ? 1 : product == 0 ? 0.5 : 0
    }

    /// The bank's runs: one reading a run, its seed the replicate.
    private func sampler() throws(Diagnostic) -> [TruenessRow] {
        var rows: [TruenessRow] = []
        for (meter, exact) in [
            ("gold.mean", "exact.gold"), ("kl.k1", "exact.kl"), ("kl.k3", "exact.kl"),
            ("entropy.response", "exact.entropy"), ("pass@1", "exact.pass@1"),
        ] {
            let pairs = try bank.pairs(.base, sampled: "held-out.\(meter)", exact: exact)
            let errors = pairs.map { ($0.sampled.value ?? 0) - $0.truth }
            rows.append(
                TruenessRow(
                    what: "error of held-out.\(meter), the bank's runs", promise: .unbiased,
                    measured: try studentMean(errors), replicates: errors.count))
        }
        // Of one token a response and all prompts, `kl.stepwise` has no error but rounding, which is no chance.
        for (meter, exact) in [
            ("gold.mean", "exact.gold"), ("kl.k1", "exact.kl"), ("kl.k3", "exact.kl"), ("kl.stepwise", "exact.kl"),
        ] {
            let pairs = try bank.pairs(.base, sampled: "held-out.\(meter)", exact: exact)
            let t = StudentTDistribution(degreesOfFreedom: 63).quantile(0.975)
            let misses = pairs.count {
                (($0.sampled.value ?? 0) - $0.truth).magnitude > t * ($0.sampled.standardError ?? 0)
            }
            rows.append(
                try TruenessRow(
                    "held-out.\(meter) misses, all prompts, the bank's runs", .atMost(0.05), hits: misses,
                    of: pairs.count))
        }
        return rows
    }
}

import Diagnostics
import Statistics

/// Estimators from samples of a trained policy against what enumeration says of it.
struct EnumerationChecks: TruenessChecks {
    let trained: TrainedPolicy
    let replication: Replication

    func table() async throws(Diagnostic) -> TruenessTable {
        var table = TruenessTable(
            title: "Unbiased estimators against enumeration",
            prose: """
                A replicate draws a prompt and 16 responses of a policy trained for 60 steps; the error is the estimate less the \
                exact value for that prompt, in the estimator's own unit. Best-of-n chooses by the planted reward and is read in gold.
                """)
        table.rows += try await bestOfN()
        table.rows += try await passes()
        table.rows += try await divergences()
        return table
    }

    private func bestOfN() async throws(Diagnostic) -> [TruenessRow] {
        let trained = trained
        let sizes = [2, 4, 8, 16]
        return try await replication.means(
            sizes.map { ("error of unbiased best-of-\($0) from 16 samples", .unbiased) }
                + sizes.map { ("error of the best of \($0) samples, from those \($0) alone", .unbiased) }
        ) { (stream) throws(Diagnostic) in
            let prompt = stream.below(trained.policy.count)
            let drawn = TrainedPolicy.sample(16, of: trained.policy[prompt], &stream)
            let rewards = drawn.map { trained.rewards[prompt][$0] }
            let golds = drawn.map { trained.gold[prompt][$0] }
            var exact: [Double] = []
            for n in sizes {
                exact.append(
                    try trained.policy[prompt].bestOfN(n, rewards: trained.rewards[prompt])
                        .expectation(of: trained.gold[prompt]))
            }
            var errors: [Double] = []
            for (n, truth) in zip(sizes, exact) {
                errors.append(try unbiasedBestOfN(rewards: rewards, golds: golds, n: n) - truth)
            }
            for (n, truth) in zip(sizes, exact) {
                let first = Array(rewards.prefix(n))
                errors.append(
                    try unbiasedBestOfN(rewards: first, golds: Array(golds.prefix(n)), n: n) - truth)
            }
            return errors
        }
    }

    private func passes() async throws(Diagnostic) -> [TruenessRow] {
        let trained = trained
        let sizes = [1, 4, 8]
        return try await replication.means(sizes.map { ("error of pass@\($0) from 16 samples", .unbiased) }) {
            (stream) throws(Diagnostic) in
            let prompt = stream.below(trained.policy.count)
            let correct = trained.gold[prompt].map { $0 >= 1 }
            let drawn = TrainedPolicy.sample(16, of: trained.policy[prompt], &stream)
            var errors: [Double] = []
            for k in sizes {
                let own = try passAtK(correct: drawn.count { correct[$0] }, total: 16, k: k)
                errors.append(own - (try trained.policy[prompt].passAtK(k, correct: correct)))
            }
            return errors
        }
    }

    private func divergences() async throws(Diagnostic) -> [TruenessRow] {
        let trained = trained
        return try await replication.means([
            ("error of KL by k1, nats", .unbiased), ("error of KL by k3, nats", .unbiased),
            ("error of KL by k2, nats (biased, and named so)", .reported), ("error of sampled gold", .unbiased),
            ("error of −log π as entropy, nats", .unbiased),
        ]) { (stream) throws(Diagnostic) in
            let prompt = stream.below(trained.policy.count)
            let (own, other) = (trained.policy[prompt], trained.reference[prompt])
            let drawn = TrainedPolicy.sample(16, of: own, &stream)
            let policy = drawn.map { [own.logProbabilities[$0]] }
            let reference = drawn.map { [other.logProbabilities[$0]] }
            let exact = try own.divergence(from: other)
            var errors: [Double] = []
            for estimator in [KLEstimator.k1, .k3, .k2] {
                let kl = try klDivergence(policy: policy, reference: reference, estimator: estimator)
                errors.append(kl.estimate.point - exact)
            }
            let golds = drawn.map { trained.gold[prompt][$0] }
            errors.append(golds.reduce(0, +) / 16 - (try own.expectation(of: trained.gold[prompt])))
            errors.append(-policy.reduce(0) { $0 + $1[0] } / 16 - own.entropy)
            return errors
        }
    }
}

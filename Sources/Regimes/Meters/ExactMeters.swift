import Diagnostics
import Experiment
import Statistics

/// Reads a policy where every response can be listed: nothing is sampled, and standard errors are 0.
struct ExactMeters {
    let enumeration: Enumeration
    /// The reference's distribution, a prompt.
    let reference: [EnumeratedDistribution]
    let settings: MeterSettings

    /// - Parameter rewards: each response's reward, [prompt][response]; `nil` where it depends on what it is scored beside.
    func read(_ policy: EnumeratedPolicy, rewards: [[Double]]?) throws(Diagnostic) -> [Reading] {
        var sums = Sums()
        let prompts = policy.logProbabilities.count
        for (prompt, logProbabilities) in policy.logProbabilities.enumerated() {
            let own = try EnumeratedDistribution(logProbabilities: logProbabilities)
            try add(own, rewards?[prompt], prompt: prompt, to: &sums)
        }
        return sums.readings(prompts: Double(prompts))
    }

    private func add(
        _ own: EnumeratedDistribution, _ rewards: [Double]?, prompt: Int, to sums: inout Sums
    ) throws(Diagnostic) {
        let gold = enumeration.gold[prompt]
        sums.add("exact.gold", try own.expectation(of: gold))
        if let rewards { sums.add("exact.reward", try own.expectation(of: rewards)) }
        sums.add("exact.kl", try own.divergence(from: reference[prompt]))
        sums.add("exact.entropy", own.entropy)
        let correct = gold.map { $0 >= settings.passThreshold }
        for k in [1, 8] { sums.add("exact.pass@\(k)", try own.passAtK(k, correct: correct)) }
        sums.add("exact.best-probability", own.probabilities.max() ?? 0)
    }

    /// The mean over prompts of several quantities.
    struct Sums {
        private var names: [String] = []
        private var totals: [Double] = []

        mutating func add(_ name: String, _ value: Double) {
            if let place = names.firstIndex(of: name) {
                totals[place] += value
            } else {
                names.append(name)
                totals.append(value)
            }
        }

        func readings(prompts: Double) -> [Reading] {
            zip(names, totals).map { Reading($0, $1 / prompts, standardError: 0) }
        }
    }
}

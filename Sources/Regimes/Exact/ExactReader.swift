import Diagnostics
import Experiment
import LanguageModel
import Statistics
import Torch

/// Everything exact about a run in an enumerable world.
struct ExactReader {
    let enumerator: Enumerator
    let enumeration: Enumeration
    let reference: [EnumeratedDistribution]
    private let meters: ExactMeters

    /// `nil` where the world cannot be enumerated.
    init?(_ parts: PolicyRun.Parts) throws(Diagnostic) {
        guard let enumerator = Enumerator(parts.world), let enumeration = parts.world.enumeration else { return nil }
        self.enumerator = enumerator
        self.enumeration = enumeration
        var reference: [EnumeratedDistribution] = []
        for row in try enumerator.read(parts.reference).logProbabilities {
            reference.append(try EnumeratedDistribution(logProbabilities: row))
        }
        self.reference = reference
        meters = ExactMeters(enumeration: enumeration, reference: reference, settings: parts.meters)
    }

    /// - Parameter rewards: each response's reward, [prompt][response]; `nil` where it depends on what it is scored beside.
    func readings(of decoder: Decoder, rewards: [[Double]]?) throws(Diagnostic) -> [Reading] {
        try meters.read(try enumerator.read(decoder), rewards: rewards)
    }

    /// The readings of any distributions, such as a tilt's.
    func readings(of distributions: [EnumeratedDistribution], rewards: [[Double]]) throws(Diagnostic) -> [Reading] {
        try meters.read(
            EnumeratedPolicy(logProbabilities: distributions.map(\.logProbabilities)), rewards: rewards)
    }

    /// The expected gold of distributions, averaged over prompts.
    func gold(of distributions: [EnumeratedDistribution]) throws(Diagnostic) -> Double {
        var sum = 0.0
        for (prompt, distribution) in distributions.enumerated() {
            sum += try distribution.expectation(of: enumeration.gold[prompt])
        }
        return sum / Double(max(distributions.count, 1))
    }
}

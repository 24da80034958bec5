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
    let rewards: [[Double]]?
    private let meters: ExactMeters

    /// `nil` where the world cannot be enumerated.
    init?(_ parts: PolicyRun.Parts) throws(Diagnostic) {
        guard let enumerator = Enumerator(parts.world), let enumeration = parts.world.enumeration else { return nil }
        self.enumerator = enumerator
        self.enumeration = enumeration
        rewards = parts.rewardTable
        var reference: [EnumeratedDistribution] = []
        for row in try enumerator.read(parts.reference).logProbabilities {
            reference.append(try EnumeratedDistribution(logProbabilities: row))
        }
        self.reference = reference
        meters = ExactMeters(
            enumeration: enumeration, reference: reference, rewards: parts.rewardTable, settings: parts.meters)
    }

    func readings(of decoder: Decoder) throws(Diagnostic) -> [Reading] {
        try meters.read(try enumerator.read(decoder))
    }

    /// The readings of any distributions, such as a tilt's.
    func readings(of distributions: [EnumeratedDistribution]) throws(Diagnostic) -> [Reading] {
        try meters.read(EnumeratedPolicy(logProbabilities: distributions.map(\.logProbabilities)))
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

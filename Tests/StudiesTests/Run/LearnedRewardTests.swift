import Diagnostics
import Experiment
import Foundation
import JSON
import Regimes
import Rewards
import Statistics
import Testing
import Torch

@testable import Studies

/// Reward models that are trained in a run's world.
@Suite(.serialized) struct LearnedRewardTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let lookup: JSONValue = ["kind": "lookup", "prompts": 16, "answers": 16, "classes": 4]
    private static let reduce: JSONValue = [
        "kind": "reduce", "group": "symmetric", "order": 3, "lengths": [3, 4], "prompts": 20, "held-out": 6,
    ]

    private func settings(_ world: JSONValue, _ spec: String, steps: Int = 0) throws -> RunSettings {
        try RunSettings(
            [
                "world": world,
                "policy": ["layers": 2, "width": 24, "heads": 2, "mlp": 48, "base": ["steps": 60, "tolerance": 10]],
                "reward": [.string(spec)],
                "regime": ["kind": "grpo", "steps": .integer(steps), "learning-rate": 0.003],
                "meters": ["every": 1, "held-out-every": 4, "held-out-prompts": 6],
            ], path: "run", folder: ".")
    }

    /// The rewards of every response, what is known of their accuracy, and the reference's distributions.
    @TensorActor
    private func listed(_ spec: String) async throws -> (table: [[Double]], accuracy: Double, arm: ArmParts) {
        let arm = try await ArmParts(try settings(Self.lookup, spec), seed: 1, bases: folder.file("bases"))
        let accuracy = try #require(arm.standing.first { $0.meter == "static.accuracy" }?.value)
        return (try #require(arm.parts.rewardTable), accuracy, arm)
    }

    @Test(
        "A listed reward has mean 0 and gold's within-prompt deviation on the reference's responses, whatever limits it"
    )
    @TensorActor
    func matchedSpread() async throws {
        for spec in [
            "learned?pairs=2000", "learned?level=0.3&pairs=2000",
            "learned?mechanism=early-stopping&level=15&pairs=2000",
            "learned?mechanism=capacity&level=4&pairs=2000",
        ] {
            let (table, _, arm) = try await listed(spec)
            let enumeration = try #require(arm.world.enumeration)
            var (mean, own, wanted) = (0.0, 0.0, 0.0)
            for (prompt, reference) in try ReferenceDistributions.read(arm.world, arm.reference).enumerated() {
                func deviation(_ values: [Double]) throws -> Double {
                    let center = try reference.expectation(of: values)
                    return try reference.expectation(of: values.map { ($0 - center) * ($0 - center) }).squareRoot()
                }
                mean += try reference.expectation(of: table[prompt])
                own += try deviation(table[prompt])
                wanted += try deviation(enumeration.gold[prompt])
            }
            #expect(abs(mean) < 1e-6, "\(spec)")
            #expect(abs(own - wanted) < 1e-9 * wanted, "\(spec)")
        }
    }

    @Test("Each mechanism limits the accuracy: flipped labels, few updates, a narrow model")
    @TensorActor
    func mechanisms() async throws {
        let whole = try await listed("learned?pairs=4000").accuracy
        #expect(whole > 0.85)
        for (mechanism, strong, weak) in [
            ("label-noise", 0.4, 0.1), ("early-stopping", 4, 40), ("capacity", 2, 16),
        ] as [(String, Double, Double)] {
            let limited = try await listed("learned?mechanism=\(mechanism)&level=\(strong)&pairs=4000").accuracy
            let better = try await listed("learned?mechanism=\(mechanism)&level=\(weak)&pairs=4000").accuracy
            #expect(limited + 0.02 < better, "\(mechanism): \(limited), \(better)")
            #expect(better < whole + 0.02, "\(mechanism): \(better), \(whole)")
        }
    }

    @Test(
        "The accuracy of a listed reward is the share of reference pairs that its table orders right, found by drawing pairs"
    )
    @TensorActor
    func accuracyByPairs() async throws {
        let (table, accuracy, arm) = try await listed("learned?level=0.3&pairs=2000")
        let gold = try #require(arm.world.enumeration).gold
        let reference = try ReferenceDistributions.read(arm.world, arm.reference)
        var stream = RandomStream(seed: 5, purpose: "test pairs")
        var shares: [Double] = []
        for (prompt, policy) in reference.enumerated() {
            var (right, all) = (0.0, 0.0)
            for _ in 0..<4000 {
                let (first, second) = (
                    stream.index(weights: policy.probabilities), stream.index(weights: policy.probabilities)
                )
                guard gold[prompt][first] != gold[prompt][second] else { continue }
                all += 1
                let agrees =
                    (gold[prompt][first] > gold[prompt][second]) == (table[prompt][first] > table[prompt][second])
                right += table[prompt][first] == table[prompt][second] ? 0.5 : agrees ? 1 : 0
            }
            shares.append(right / all)
        }
        #expect(abs(shares.reduce(0, +) / Double(shares.count) - accuracy) < 0.01)
    }

    // MARK: Where responses cannot be listed

    @TensorActor
    private func sampled(_ spec: String, seed: Int = 1) async throws -> (reward: SampledReward, arm: ArmParts) {
        let arm = try await ArmParts(try settings(Self.reduce, spec), seed: seed, bases: folder.file("bases"))
        return (try #require(arm.parts.reward.terms[0].reward as? SampledReward), arm)
    }

    @Test("From samples a reward learns gold; its accuracy is told with its error and falls with the noise")
    @TensorActor
    func fromSamples() async throws {
        let (reward, arm) = try await sampled("learned?pairs=1500")
        let reading = try #require(arm.standing.first { $0.meter == "static.accuracy" })
        #expect(reading.value == reward.notes.accuracy)
        #expect((reading.standardError ?? 0) > 0)
        #expect(reading.n == reward.notes.pairs)
        #expect(reward.notes.accuracy > 0.7, "\(reward.notes)")
        let noisy = try await sampled("learned?pairs=1500&level=0.5").reward
        #expect(noisy.notes.accuracy < reward.notes.accuracy - 0.1, "\(noisy.notes), \(reward.notes)")
        let stopped = try await sampled("learned?mechanism=early-stopping&level=1&pairs=1500").reward
        #expect(stopped.notes.accuracy < reward.notes.accuracy - 0.1, "\(stopped.notes)")
        let shallow = try await sampled("learned?mechanism=capacity&level=1&pairs=1500").reward
        #expect(shallow.notes.accuracy < reward.notes.accuracy, "\(shallow.notes)")
    }

    @Test("On samples of other draws its accuracy, mean and spread are what was told of it")
    @TensorActor
    func freshSamples() async throws {
        let (reward, arm) = try await sampled("learned?pairs=1500")
        let sampler = PolicySampler(world: arm.world, temperature: 1)
        let prompts = arm.world.prompts.enumerated().map { (index: $0.offset, prompt: $0.element) }
        let groups = try sampler.sample(prompts, size: 32, from: arm.reference, seed: 77, step: 0)
        let scores = try await reward.score(groups.map { Group($0) })
        var (own, wanted, mean) = (0.0, 0.0, 0.0)
        for (group, score) in zip(groups, scores) {
            let gold = try await arm.world.gold(group.responses, to: group.prompt)
            own += try Moments(score.scores).variance ?? 0
            wanted += try Moments(gold).variance ?? 0
            mean += try Moments(score.scores).mean / Double(groups.count)
        }
        #expect(abs(own / wanted - 1) < 0.2, "\(own) \(wanted)")
        #expect(abs(mean) < 0.1, "\(mean)")
    }

    @Test("It is trained once for all that ask, is a checkpoint that others read, and is the same bit for bit")
    @TensorActor
    func kept() async throws {
        let first = try await sampled("learned?pairs=300")
        let second = try await sampled("learned?pairs=300")
        let groups = try PolicySampler(world: first.arm.world, temperature: 1).sample(
            [(index: 0, prompt: first.arm.world.prompts[0])], size: 4, from: first.arm.reference, seed: 1, step: 0)
        let group = Group(groups[0])
        #expect(try await first.reward.score([group]) == second.reward.score([group]))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("bases")).filter {
            $0.hasPrefix("reward-")
        }
        #expect(names.filter { !$0.contains(".") }.count == 1, "\(names)")
        let other = try await sampled("learned?pairs=300", seed: 2)
        #expect(try await first.reward.score([group]) != other.reward.score([group]))
    }

    @Test("What cannot be is refused by the plan: a refresh, styles, a rate of 0")
    func refusals() {
        func refused(_ reward: JSONValue) -> Diagnostic? {
            do {
                _ = try RunCheck.cost(
                    ["world": Self.reduce, "reward": [reward], "regime": ["kind": "grpo"]], path: "run", folder: ".")
                return nil
            } catch { return error }
        }
        #expect(refused(["kind": "learned", "refresh-every": 5])?.message.contains("cannot be listed") == true)
        #expect(refused("learned?style-correlation=0.8")?.message.contains("match has styles") == true)
        #expect(refused("learned?learning-rate=0") != nil)
        #expect(refused("learned?mechanism=capacity&level=3")?.message.contains("layers") == true)
        #expect(refused("learned?mechanism=capacity&level=1") == nil)
        #expect(refused("learned") == nil)
    }
}

import Diagnostics
import Experiment
import Foundation
import Rewards
import Testing

@Suite struct PlantedRewardTests {
    private func make(_ accuracy: Double, _ world: TableWorld, seed: UInt64 = 0) async throws -> PlantedReward {
        let reward = try await RewardSpec(parsing: "planted?accuracy=\(accuracy)").makeRunReward(
            context: RunRewardContext(world: world, seed: seed))
        return try #require(reward as? PlantedReward)
    }

    /// The mean over prompts of P(values order a pair as gold does | gold differs), pair by pair.
    private func accuracy(of values: [[Double]], _ table: Enumeration) throws -> Double {
        let logs = try #require(table.specifiedLogProbabilities)
        var shares: [Double] = []
        for prompt in values.indices {
            let (gold, value) = (table.gold[prompt], values[prompt])
            let weight = logs[prompt].map { exp($0) }
            var (right, all) = (0.0, 0.0)
            for first in gold.indices {
                for second in gold.indices where gold[first] > gold[second] {
                    let pair = weight[first] * weight[second]
                    all += pair
                    if value[first] > value[second] { right += pair }
                    if value[first] == value[second] { right += pair / 2 }
                }
            }
            shares.append(right / all)
        }
        return shares.reduce(0, +) / Double(shares.count)
    }

    @Test(
        "The accuracy is what was asked for, counted pair by pair",
        arguments: [1, 0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [false, true])
    func accuracies(target: Double, binary: Bool) async throws {
        let world = TableWorld(prompts: 24, classes: 4, perClass: 4, binary: binary)
        let reward = try await make(target, world)
        let counted = try accuracy(of: reward.table, world.table)
        #expect(abs(counted - target) < 0.001)
        #expect(abs(counted - reward.accuracy) < 1e-12)
    }

    @Test("Each prompt and each probability keep their multiset of values, so nothing but accuracy varies")
    func multisets() async throws {
        let world = TableWorld(prompts: 10, classes: 4, perClass: 4)
        let logs = try #require(world.table.specifiedLogProbabilities)
        let reward = try await make(0.7, world)
        #expect(reward.table != world.table.gold)
        for prompt in world.prompts.indices {
            let classes = Dictionary(grouping: logs[prompt].indices) { logs[prompt][$0] }
            for places in classes.values {
                #expect(
                    places.map { reward.table[prompt][$0] }.sorted()
                        == places.map { world.table.gold[prompt][$0] }.sorted())
            }
        }
        #expect(try await make(1, world).table == world.table.gold)
    }

    @Test("With one seed, neighbouring levels differ in few values, and another seed permutes others")
    func nested() async throws {
        let world = TableWorld(prompts: 40, classes: 8, perClass: 4)
        func differences(_ one: PlantedReward, _ other: PlantedReward) -> Int {
            zip(one.table.joined(), other.table.joined()).count { $0 != $1 }
        }
        let levels = try await [0.95, 0.9, 0.85, 0.7].asyncMap { try await make($0, world) }
        let near = differences(levels[0], levels[1])
        #expect(near < differences(levels[0], levels[2]))
        #expect(differences(levels[0], levels[2]) < differences(levels[0], levels[3]))
        #expect(near < 40 * 32 / 4)
        #expect(differences(levels[3], try await make(0.7, world, seed: 1)) > 40)
        #expect(differences(levels[3], try await make(0.7, world)) == 0)
    }

    @Test("Scores of sampled groups are the table's, for any batch of groups")
    func scores() async throws {
        let world = TableWorld(prompts: 24, classes: 2, perClass: 4)
        let reward = try await make(0.8, world)
        let scores = try await reward.score([world.group(3, [0, 7, 7]), world.group(1, [2])])
        #expect(scores.map(\.scores) == [[0, 7, 7].map { reward.table[3][$0] }, [reward.table[1][2]]])
        #expect(try await reward.table(over: world.table, prompts: world.prompts) == reward.table)
        await #expect(throws: Diagnostic.self) { try await reward.score([world.group(0, [99])]) }
        await #expect(throws: Diagnostic.self) {
            try await reward.score([Group(id: "r", prompt: .text("p0"), responses: ["a0"])])
        }
    }

    @Test("An accuracy that no permutation reaches is refused with the nearest")
    func unattainable() async throws {
        // With one right answer among four of a probability, the worst that a permutation can do leaves ties: 1/3.
        let world = TableWorld(prompts: 8, classes: 4, perClass: 4, binary: true)
        let lowest = await #expect(throws: Diagnostic.self) { try await make(0.1, world) }
        #expect(lowest?.category == .usage)
        #expect(lowest?.message.hasPrefix("accuracy 0.1 cannot be planted here: the nearest is 0.333") == true)
        let missing = await #expect(throws: Diagnostic.self) {
            try await RewardSpec(parsing: "planted").makeRunReward(context: RunRewardContext(world: world, seed: 0))
        }
        #expect(missing?.message == "planted needs the key 'accuracy'")
    }
}

extension Array {
    /// `map` with a closure that waits, one element after another.
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}

import Diagnostics
import Experiment
import JSON
import Rewards
import Testing

@Suite struct EnsembleTests {
    private func make(_ text: String) async throws -> any Reward {
        try await RewardSpec(parsing: text).makeReward { (spec) throws(Diagnostic) in
            throw Diagnostic(.unavailable, "no model for \(spec)")
        }
    }

    private let one = #"{"id":"a","scores":[1,2],"tokens":[10,20],"truncated":[false,true],"per_token":[[1],[2]]}"#
    private let two = #"{"id":"a","scores":[4,-6],"tokens":[1,2]}"#
    private let group = Group(id: "a", prompt: .text("p"), responses: ["x", "y"])

    @Test("Mean, weighted mean and minimum of the members' scores; tokens add up, truncation is any member's")
    func combined() async throws {
        let (first, second) = (try TemporaryFile(one), try TemporaryFile(two))
        let members = "[recorded:\(first.path),recorded:\(second.path)]"
        for (spec, scores) in [
            ("mean:\(members)", [2.5, -2]), ("mean:\(members)?weights=3:1", [1.75, 0]), ("min:\(members)", [1, -6]),
            ("mean:\(members)?weights=0:1", [4, -6]),
        ] {
            let reward = try await make(spec)
            #expect(reward.spec == spec)
            #expect(
                try await reward.score([group]) == [
                    GroupScore(id: "a", scores: scores, tokens: [11, 22], truncated: [false, true])
                ])
            let plan = try await reward.plan(group)
            #expect(plan == GroupPlan(tokensComputed: 0, tokens: [11, 22], truncated: [false, true]))
        }
    }

    @Test("The record of an ensemble names its members and weights")
    func provenance() async throws {
        let reward = try await make("mean:[rule:coin?seed=1,min:[rule:length]]?weights=1:0.5")
        #expect(reward.provenance["kind"] == "mean")
        #expect(reward.provenance["weights"] == [1.0, 0.5])
        #expect(
            reward.provenance["members"]?.arrayValue?.map { $0["spec"] } == ["rule:coin?seed=1", "min:[rule:length]"])
    }

    @Test(
        "Weights that do not fit the members are refused",
        arguments: ["1", "1:2:3", "1:-1", "0:0", "1:", "a:b", "1:nan"])
    func weights(text: String) async throws {
        let thrown = await #expect(throws: Diagnostic.self) {
            try await make("mean:[rule:coin,rule:length]?weights=\(text)")
        }
        #expect(thrown?.message == "'\(text)' should be 2 numbers of at least 0, not all of them 0")
        #expect(thrown?.remedy == "Write one for each member: weights=1:1")
    }

    @Test("The smallest takes no weights")
    func noWeights() async throws {
        let thrown = await #expect(throws: Diagnostic.self) { try await make("min:[rule:coin]?weights=1") }
        #expect(thrown?.message == "min takes no key 'weights'")
    }

    @Test("Scores that have no mean are an error, never NaN")
    func infinite() async throws {
        let up = try TemporaryFile(#"{"id":"a","scores":[Infinity,0]}"#)
        let down = try TemporaryFile(#"{"id":"a","scores":[-Infinity,0]}"#)
        let reward = try await make("mean:[recorded:\(up.path),recorded:\(down.path)]")
        let thrown = await #expect(throws: Diagnostic.self) { try await reward.score([group]) }
        #expect(thrown?.message == "the members' scores [inf, -inf] have no mean")
        #expect(thrown?.location.field == "responses[0]")
    }
}

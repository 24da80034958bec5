import Diagnostics
import Experiment
import Foundation
import JSON
import Rewards
import Testing

@Suite struct RewardSumTests {
    private let world = TableWorld(prompts: 4, classes: 2, perClass: 4)

    private func terms(_ value: JSONValue) throws -> [RewardTermSettings] {
        try RewardTermSettings.list(value, path: "run.reward", relativeTo: "study")
    }

    private func sum(_ value: JSONValue, change: (inout RunRewardContext) -> Void = { _ in }) async throws -> RewardSum
    {
        var context = RunRewardContext(world: world, seed: 0)
        change(&context)
        return try await RewardSum(try terms(value), context: context)
    }

    @Test("A term has a name, a weight and steps; the rest is its spec, with paths from the study's folder")
    func reading() throws {
        let read = try terms([
            ["name": "proxy", "kind": "planted", "accuracy": 0.8, "weight": 2, "until": 150],
            "bonus:length?weight=-0.5&unit=words",
            ["kind": "explicit", "source": "models/a", "from": 3],
        ])
        #expect(read.map(\.name) == ["proxy", "bonus", "explicit"])
        #expect(read.map(\.weight) == [2, -0.5, 1])
        #expect(read.map(\.from) == [0, 0, 3])
        #expect(read.map(\.until) == [150, nil, nil])
        #expect(
            read.map(\.spec.description) == [
                "planted?accuracy=0.8", "bonus:length?unit=words", "explicit:study/models/a",
            ])
        #expect(try RewardTermSettings.list(.array(read.map(\.json)), path: "", relativeTo: "") == read)
        #expect(try terms("gold") == terms([["kind": "gold"]]))
    }

    @Test("A learned term is trained anew at its steps until it is frozen, and reads back as it was")
    func refreshes() throws {
        let read = try terms([
            [
                "name": "proxy", "kind": "learned", "from": 10, "refresh-every": 20, "refreshed-at": [15, 70],
                "frozen-from": 60,
            ]
        ])
        #expect((0..<100).filter { read[0].refreshes(at: $0) } == [15, 30, 50])
        #expect(try RewardTermSettings.list(.array(read.map(\.json)), path: "", relativeTo: "") == read)
    }

    @Test(
        "A wrong term is a usage error at its path",
        arguments: [
            ([["kind": "gold"], ["kind": "gold"]], "run.reward[1].name"), ([], "run.reward"),
            ([["kind": "gold", "weight": "x"]], "run.reward[0].weight"), ([["kind": "gald"]], "run.reward[0].kind"),
            ([["kind": "gold", "until": -1]], "run.reward[0].until"),
            ([["kind": "learned", "refreshed-at": ["x"]]], "run.reward[0].refreshed-at"),
            ([["kind": "gold", "refresh-every": 5]], "run.reward[0]"),
            ([["kind": "gold", "source": "x"]], "run.reward[0].source"),
            (["gald"], "run.reward[0]: reward 'gald', character 1"),
            ([["kind": "sham", "members": [["kind": "rule"]]]], "run.reward[0].members[0].source"),
        ] as [(JSONValue, String)])
    func errors(value: JSONValue, field: String) throws {
        let error = #expect(throws: Diagnostic.self) { try terms(value) }
        #expect(error?.category == .usage)
        #expect(error?.location.field == field)
    }

    @Test("The sum weighs the terms that count at the step, and says what each gave")
    func sums() async throws {
        let sum = try await sum([
            "gold", ["name": "late", "kind": "bonus", "source": "length", "weight": 10, "from": 2, "until": 4],
        ])
        let gold = world.table.gold[1]
        for (step, extra) in [(0, 0.0), (1, 0), (2, 10), (3, 10), (4, 0)] {
            let scores = try await sum.scores([world.group(1, [0, 6], step: step)])
            #expect(scores.total.map(\.scores) == [[gold[0] + extra, gold[6] + extra]])
            #expect(scores.terms.map(\.name) == (extra == 0 ? ["gold"] : ["gold", "late"]))
            #expect(scores.terms[0].scores[0].scores == [gold[0], gold[6]])
            #expect(try await sum.score([world.group(1, [0, 6], step: step)]) == scores.total)
        }
    }

    @Test("A weighted sum that no number holds never leaves")
    func overflow() async throws {
        let sum = try await sum([
            ["name": "a", "kind": "gold", "weight": 1e308], ["name": "b", "kind": "gold", "weight": 1e308],
        ]) { context in
            context.gold = { (responses, _) async throws(Diagnostic) in responses.map { _ in 1.5 } }
        }
        let group = world.group(1, [0, 6], step: 0)
        let error = await #expect(throws: Diagnostic.self) { try await sum.score([group]) }
        #expect(error?.message.contains("too large for a number") == true)
    }

    @Test("A score that is not finite never leaves")
    func notFinite() async throws {
        let broken = try await sum(["gold"]) { context in
            context.gold = { (responses, _) async throws(Diagnostic) in responses.map { _ in .nan } }
        }
        let error = await #expect(throws: Diagnostic.self) { try await broken.score([world.group(0, [1])]) }
        #expect(error?.message == "the score of a response to 'p0' is nan")
        let model = try await sum([["name": "m", "kind": "explicit", "source": "d"]]) { context in
            context.makeModelReward = { (_) async throws(Diagnostic) in Infinite() }
        }
        let other = await #expect(throws: Diagnostic.self) { try await model.score([world.group(0, [1])]) }
        #expect(other?.message == "the reward 'm' gave inf for a response to 'p0'")
    }

    private struct Infinite: RunReward {
        var spec: String { "explicit:d" }
        var provenance: JSONValue { [:] }
        func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
            groups.map { GroupScore(id: $0.id, scores: $0.responses.map { _ in .infinity }) }
        }
    }

    @Test("The state of a sum is that of its terms, by name, through a sham as well")
    func state() async throws {
        let settings: JSONValue = ["gold", ["name": "new", "kind": "sham", "members": ["bonus:count"]]]
        let (one, other) = (try await sum(settings), try await sum(settings))
        _ = try await one.score([world.group(0, [1, 1, 2])])
        #expect(one.state.text == #"{"gold":null,"new":{"p0":{"a1":2,"a2":1}}}"#)
        try other.restore(one.state)
        #expect(try await other.score([world.group(0, [1, 2])]) == one.score([world.group(0, [1, 2])]))
        #expect(throws: Diagnostic.self) { try other.restore([:]) }
    }
}

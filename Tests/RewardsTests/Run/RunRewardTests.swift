import Diagnostics
import Experiment
import Foundation
import JSON
import Rewards
import Testing

@Suite struct RunRewardTests {
    private let world = TableWorld(prompts: 4, classes: 2, perClass: 4)

    private func make(_ text: String, _ change: (inout RunRewardContext) -> Void = { _ in }) async throws -> any Reward
    {
        var context = RunRewardContext(world: world, seed: 7)
        change(&context)
        return try await RewardSpec(parsing: text).makeRunReward(context: context)
    }

    private func group(_ texts: [String], prompt: Int = 0, tokens: [[Int32]]? = nil, step: Int = 0) -> Group {
        let responses = texts.enumerated().map { index, text in
            let ids = tokens?[index] ?? [Int32(index)]
            return Response(tokens: ids, text: text, logProbabilities: ids.map { -Double($0) / 2 })
        }
        return Group(
            Group.Sampled(promptIndex: prompt, prompt: world.prompts[prompt], step: step, responses: responses))
    }

    private func scores(_ text: String, _ groups: [Group]) async throws -> [[Double]] {
        try await make(text).score(groups).map(\.scores)
    }

    @Test("Gold is the world's own")
    func gold() async throws {
        let groups = [world.group(0, [0, 5]), world.group(2, [7])]
        #expect(
            try await scores("gold", groups) == [[0, 5].map { world.table.gold[0][$0] }, [world.table.gold[2][7]]])
    }

    @Test(
        "A vote is the share of the group that gives the same answer",
        arguments: [
            ("vote", ["a", " a\n", "b", ""], [0.5, 0.5, 0.25, 0.25]),
            ("vote?answer=last-word", ["1 2 3", "3", "2 4", " "], [0.5, 0.5, 0.25, 0]),
            ("vote?after=%23%23%23%23", ["x #### 7", "#### 6 #### 7 ", "7", "####7."], [0.5, 0.5, 0, 0.25]),
            ("vote?pattern=is (\\d%2B)", ["it is 4", "2 is 3 is 4", "is five", "is 40"], [0.5, 0.5, 0, 0.25]),
            ("vote?pattern=\\d", ["a1", "21", "2", ""], [0.5, 0.5, 0.25, 0]),
            ("vote", ["\u{E9}", "e\u{301}"], [0.5, 0.5]),
        ])
    func vote(spec: String, texts: [String], shares: [Double]) async throws {
        #expect(try await scores(spec, [group(texts)]) == [shares])
    }

    @Test("Confidence is the mean log-probability a token, and is not known of what was not sampled")
    func confidence() async throws {
        let sampled = group(["", ""], tokens: [[2, 4], [1]])
        #expect(try await scores("confidence", [sampled]) == [[-1.5, -0.5]])
        #expect(try await scores("confidence?normalize=none", [sampled]) == [[-3, -0.5]])
        let table = Group(
            Group.Sampled(promptIndex: 0, prompt: world.prompts[0], step: 0, responses: world.table.responses))
        await #expect(throws: Diagnostic.self) { try await scores("confidence", [table]) }
    }

    /// Gives each token the log-probability −(token + place)/10.
    private struct PlaceScorer: SequenceScorer {
        func logProbabilities(_ sequences: [[Int32]], from starts: [Int]) async throws(Diagnostic) -> [[Double]] {
            zip(sequences, starts).map { tokens, start in
                (start..<tokens.count).map { -(Double(tokens[$0]) + Double($0)) / 10 }
            }
        }
    }

    @Test(
        "The reference's likelihood of the gold answer is read after prompt and chain",
        arguments: [
            ("", [[5, 6, 9], [5]], [[3, 4], [1, 2]]), ("&chain=but-last", [[5, 6, 9], [5]], [[2, 3], [1, 2]]),
            ("&after=a6", [[5, 6, 5, 9], [5]], [[3, 4], [2, 3]]),
        ] as [(String, [[Int32]], [[Int]])])
    func referenceLikelihood(keys: String, tokens: [[Int32]], places: [[Int]]) async throws {
        // Token 9 ends a response; gold's answer is the tokens 1, 2. A single [5] stays unless the chain is but-last.
        let expected = places.enumerated().map { index, places in
            keys.isEmpty && index == 1 ? -(1 + 2 + 2 + 3) / 10.0 : -Double(1 + 2 + places[0] + places[1]) / 10
        }
        let reward = try await make("reference-likelihood?scale=log\(keys)") { context in
            context.reference = PlaceScorer()
            context.endTokens = [9]
            context.goldAnswer = { (_) throws(Diagnostic) in [1, 2] }
        }
        let scored = try await reward.score([group(["", ""], tokens: tokens), group([""], tokens: [tokens[0]])])
        for (value, wanted) in zip(scored.flatMap(\.scores), expected + [expected[0]]) {
            #expect(abs(value - wanted) < 1e-12)
        }
    }

    @Test("Without a reference policy or gold answers, the likelihood is refused")
    func noReference() async throws {
        let error = await #expect(throws: Diagnostic.self) { try await make("reference-likelihood") }
        #expect(error?.category == .usage)
        #expect(error?.message == "this run has no reference policy")
    }

    @Test(
        "Length counts tokens, characters or words, against a target or with a sign",
        arguments: [
            ("bonus:length", [3, 1]), ("bonus:length?weight=-0.5", [-1.5, -0.5]),
            ("bonus:length?unit=characters", [5, 2]),
            ("bonus:length?unit=words", [2, 1]), ("bonus:length?target=2&weight=2", [-2, -2]),
            ("bonus:length?target=0", [-3, -1]),
        ])
    func length(spec: String, values: [Double]) async throws {
        #expect(try await scores(spec, [group(["ab cd", "éé"], tokens: [[1, 2, 3], [1]])]) == [values])
    }

    @Test("Diversity is the share of the others that differ")
    func diversity() async throws {
        let groups = [group(["a", "a", "b"]), group(["a"])]
        #expect(try await scores("bonus:diversity", groups) == [[0.5, 0.5, 1], [0]])
        #expect(try await scores("bonus:diversity?weight=2", groups) == [[1, 1, 2], [0]])
    }

    @Test("The count bonus falls with each visit, by prompt, and goes on from its stored state")
    func count() async throws {
        let reward = try #require(try await make("bonus:count") as? any StatefulReward)
        let first = try await reward.score([group(["a", "a", "b"]), group(["a"], prompt: 1)])
        #expect(first.map(\.scores) == [[1, 1 / 2.0.squareRoot(), 1], [1]])
        let state = reward.state
        #expect(state.text == #"{"p0":{"a":2,"b":1},"p1":{"a":1}}"#)
        let second = try await reward.score([group(["b", "a"])]).map(\.scores)
        #expect(second == [[1 / 2.0.squareRoot(), 1 / 3.0.squareRoot()]])
        try reward.restore(state)
        #expect(try await reward.score([group(["b", "a"])]).map(\.scores) == second)
        let fresh = try #require(try await make("mean:[bonus:count]") as? any StatefulReward)
        try fresh.restore([state])
        #expect(try await fresh.score([group(["b", "a"])]).map(\.scores) == second)
        #expect(throws: Diagnostic.self) { try reward.restore(["p": ["a": "x"]]) }
        #expect(throws: Diagnostic.self) { try fresh.restore([]) }
    }

    @Test("A sham has the batch's own scores in another order, the same one again at the same step")
    func sham() async throws {
        let groups = (0..<4).map { world.group($0, [0, 1, 2, 3, 4, 5, 6, 7], step: 3) }
        let (truth, sham) = (try await scores("gold", groups), try await scores("sham:[gold]", groups))
        #expect(sham != truth)
        #expect(sham.joined().sorted() == truth.joined().sorted())
        #expect(try await scores("sham:[gold]", groups) == sham)
        let later = (0..<4).map { world.group($0, [0, 1, 2, 3, 4, 5, 6, 7], step: 4) }
        #expect(try await scores("sham:[gold]", later) != sham)
        await #expect(throws: Diagnostic.self) { try await make("sham:[gold,vote]") }
    }

    @Test("Over many steps a sham does not correlate with the reward that it shuffles")
    func shamSaysNothing() async throws {
        let (reward, sham) = (try await make("gold"), try await make("sham:[gold]"))
        var (products, squares) = (0.0, 0.0)
        for step in 0..<400 {
            let groups = (0..<4).map { world.group($0, [0, 3, 5, 6], step: step) }
            let truth = try await reward.score(groups).flatMap(\.scores)
            let dealt = try await sham.score(groups).flatMap(\.scores)
            let mean = truth.reduce(0, +) / Double(truth.count)
            products += zip(truth, dealt).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
            squares += truth.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }
        // Under independence a step's correlation has standard deviation 1/√15; five standard errors of 400 steps.
        #expect(abs(products / squares) < 5 / (15.0 * 400).squareRoot())
    }

    @Test(
        "A key, name or member that cannot be is a usage error",
        arguments: [
            "gold?a=1", "vote?answer=first", "vote?after=x&pattern=y", "vote?pattern=(", "bonus:lenght",
            "bonus:length?unit=bytes",
            "bonus:diversity?unit=words", "confidence?normalize=2", "recorded:a.jsonl", "learned", "likelihood:d",
            "planted?accuracy=2", "reference-likelihood?scale=sqrt", "bonus:length?weight=nan",
        ])
    func errors(text: String) async throws {
        let error = await #expect(throws: Diagnostic.self) { try await make(text) }
        #expect(error?.category == .usage)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("Only rewards of prompt and response alone have a table")
    func alone() throws {
        for text in ["gold", "planted?accuracy=1", "bonus:length", "mean:[gold,rule:length]", "explicit:d"] {
            #expect(try RewardSpec(parsing: text).scoresEachAlone)
        }
        for text in ["vote", "confidence", "sham:[gold]", "bonus:diversity", "bonus:count", "min:[gold,vote]"] {
            #expect(try !RewardSpec(parsing: text).scoresEachAlone)
        }
    }
}

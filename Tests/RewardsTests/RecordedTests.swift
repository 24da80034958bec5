import Diagnostics
import Experiment
import JSON
import Rewards
import Testing

@Suite struct RecordedTests {
    private func reward(_ file: TemporaryFile, _ keys: String = "") throws -> RecordedReward {
        try RecordedReward(RewardSpec(parsing: "recorded:\(file.path)\(keys)"))
    }

    private func group(_ id: String, _ count: Int, prompt: String = "p", context: [String: JSONValue] = [:]) -> Group {
        Group(
            id: id, prompt: .text(prompt), responses: (0..<count).map { "r\($0)" },
            source: .init(file: "rows.jsonl", line: 4), context: context)
    }

    @Test("Our own output reads back as it was written")
    func rows() throws {
        let written = [
            GroupScore(
                id: "a", scores: [0.1, -1e-9], tokens: [3, 4], truncated: [false, true], perToken: [[0.1], [-1, 1]]),
            GroupScore(id: "b", scores: [7]),
        ]
        let file = try TemporaryFile(written.map(\.line).joined())
        let reward = try reward(file)
        #expect(try reward.score(group("a", 2)) == written[0])
        #expect(try reward.score(group("b", 1)) == written[1])
        #expect(reward.provenance["format"] == "rows")
        #expect(reward.provenance["format_recognised"] == true)
        #expect(reward.provenance["records"] == 2)
    }

    @Test("A plan costs nothing and says what was truncated then")
    func plan() async throws {
        let file = try TemporaryFile(#"{"id":"a","scores":[1],"tokens":[5],"truncated":[true]}"#)
        let plan = try await reward(file).plan(group("a", 1))
        #expect(plan == GroupPlan(tokensComputed: 0, tokens: [5], truncated: [true]))
    }

    @Test("RewardMATH results are matched by the problem's text, and by index where two have the same")
    func rewardMath() throws {
        let file = try TemporaryFile(
            #"[{"problem":"p","score":[1,2]},{"problem":"q","score":[3,4]},{"problem":"q","score":[5,6]}]"#)
        let reward = try reward(file)
        #expect(try reward.score(group("x", 2)).scores == [1, 2])
        #expect(try reward.score(group("x", 2, prompt: "q", context: ["index": 2])).scores == [5, 6])
        #expect(reward.provenance["format"] == "rewardmath")
        let thrown = #expect(throws: Diagnostic.self) { try reward.score(group("x", 2, prompt: "q")) }
        #expect(thrown?.message == "2 records of \(file.path) have this row's prompt")
        #expect(thrown?.location == .init(file: "rows.jsonl", line: 4, field: "id 'x'"))
    }

    @Test(
        "Lists of steps become one score as the spec says",
        arguments: [("product", 0.25), ("minimum", 0.5), ("last", 1), ("mean", 2.0 / 3)])
    func steps(name: String, expected: Double) throws {
        let file = try TemporaryFile(#"[{"problem":"p","score":[[0.5,0.5,1],[0.7],2]}]"#)
        let reward = try reward(file, "?steps=\(name)")
        #expect(try reward.score(group("x", 3)).scores == [expected, 0.7, 2])
        #expect(reward.provenance["steps"] == .string(name))
        #expect(reward.provenance["step_lists"] == 1)
    }

    static let judged = #"""
        {"pair_id":"j","label":"A>B","response_A":"r0","response_B":"r1","judgments":[{"judgment":{"scores":[5.5,14.5]},"decision":"B>A"},{"judgment":{"scores":[14.5,5.5]},"decision":"A>B"}]}
        {"pair_id":"k","label":"A>B","judgments":[{"judgment":{"scores":[1,2]},"decision":"A>B"},null]}
        """#

    @Test("JudgeBench outputs give the scores of both orders, matched by the responses' texts where they are there")
    func judgeBench() throws {
        let reward = try reward(try TemporaryFile(Self.judged))
        #expect(try reward.score(group("j", 2)).scores == [5.5, 14.5])
        #expect(reward.provenance["voted"] == 1)
        var swapped = group("j", 2)
        swapped.responses.reverse()
        #expect(try reward.score(swapped).scores == [14.5, 5.5])
        swapped.responses[0] = "other"
        let thrown = #expect(throws: Diagnostic.self) { try reward.score(swapped) }
        #expect(thrown?.message == "the record 'j' is of other responses than its row (rows.jsonl:4)")
    }

    @Test("JudgeBench decisions count as votes where both orders do not give the same scores")
    func decisions() throws {
        let text = #"""
            {"pair_id":"k","judgments":[{"judgment":{"scores":[1,2]},"decision":"B>A"},{"judgment":{"scores":[1,2]},"decision":"B>A"}]}
            {"pair_id":"l","judgments":[{"judgment":{"response":"…"},"decision":"A>B"},{"judgment":{"response":"…"},"decision":"B>A"}]}
            """#
        let reward = try reward(try TemporaryFile(Self.judged.split(separator: "\n")[0] + "\n" + text))
        #expect(try reward.score(group("j", 2)).scores == [5.5, 14.5])
        #expect(try reward.score(group("k", 2)).scores == [1, 1])
        #expect(try reward.score(group("l", 2)).scores == [2, 0])
        #expect(reward.provenance["voted"] == 2)
    }

    static let faults: [(text: String, keys: String, error: String)] = [
        (
            #"{"id":"a","scores":[1,NaN]}"#, "",
            "FILE:1: scores[1]: the score is NaN (id 'a'). Score the row again, or leave it out; missing is not zero."
        ),
        (
            #"{"id":"a","scores":[null]}"#, "",
            "FILE:1: scores[0]: a score should be a number, but this is null (id 'a'). \(correct)."
        ),
        (
            #"{"id":"a","scores":["1"]}"#, "",
            "FILE:1: scores[0]: a score should be a number, but this is a string (id 'a'). \(correct)."
        ),
        (#"{"id":"a","scores":[]}"#, "", "FILE:1: scores: there are no scores (id 'a'). Leave the record out."),
        (#"{"scores":[1]}"#, "", "FILE:1: id: the record has no 'id'. Give the id of the row that was scored."),
        (
            #"{"id":[],"scores":[1]}"#, "",
            "FILE:1: id: an id should be a string or an integer, but this is an array. \(correct)."
        ),
        (
            #"{"id":"a","scores":1}"#, "",
            "FILE:1: scores: 'scores' should be a list, but this is a number (id 'a'). Give 'id' and 'scores', as assay score writes them."
        ),
        (
            #"{"id":"a","scores":[1],"tokens":[1,2]}"#, "",
            "FILE:1: tokens: 'tokens' should be a list of 1, one for each score (id 'a'). \(correct)."
        ),
        (
            #"{"id":"a","scores":[1],"truncated":[0]}"#, "",
            "FILE:1: truncated[0]: 'truncated' should hold booleans, but this is a number (id 'a'). \(correct)."
        ),
        (
            #"{"id":"a","scores":[1],"per_token":[[NaN]]}"#, "",
            "FILE:1: per_token[0][0]: the score is NaN (id 'a'). Score the row again, or leave it out; missing is not zero."
        ),
        (
            "{\"id\":3,\"scores\":[1]}\n{\"id\":\"3\",\"scores\":[1]}", "",
            "FILE:2: the id '3' was given at FILE:1 already. Give each record an id of its own."
        ),
        (
            #"{"id":"a","scores":[[1,2]]}"#, "",
            "FILE:1: scores[0]: the score is a list of 2 steps' scores (id 'a'). Say how it becomes one: steps=product|minimum|last|mean."
        ),
        (
            #"[{"problem":"p","score":[1,[]]}]"#, "?steps=mean",
            "FILE: [0].score[1]: the list of steps' scores is empty. Leave the record out."
        ),
        (
            #"[{"problem":"p","score":[1,[0,NaN]]}]"#, "?steps=mean",
            "FILE: [0].score[1][1]: the score is NaN. Score the row again, or leave it out; missing is not zero."
        ),
        (#"[{"score":[1]}]"#, "", "FILE: [0].problem: the record has neither a 'problem' nor an 'id'. \(correct)."),
        (
            "[1]", "",
            "FILE: [0]: a record should be an object, but this is a number. Give 'problem' and 'score', as RewardMATH's results have them."
        ),
        (
            #"{"a":1}"#, "?format=rewardmath",
            "FILE: a rewardmath file should be one JSON array. Name the file that the benchmark's own program wrote."
        ),
        (
            #"{"a":1}"#, "",
            "FILE: this is no file of scores that is known. Give JSON lines with 'id' and 'scores' (rows), an array of 'problem' and 'score' (rewardmath), or JSON lines with 'pair_id' and 'judgments' (judgebench)."
        ),
        (
            #"{"pair_id":"a","judgments":[{"judgment":{"scores":[1]}}]}"#, "",
            "FILE:1: judgments[0].judgment.scores: two scores should be here, these are 1 (id 'a'). \(correct)."
        ),
        (
            #"{"pair_id":"a","judgments":[{"decision":"A"}]}"#, "",
            "FILE:1: judgments[0].decision: the decision should be A>B, B>A, A=B or null (id 'a'). \(correct)."
        ),
        (
            #"{"pair_id":"a","judgments":[]}"#, "",
            "FILE:1: judgments: one or two judgments should be here, these are 0 (id 'a'). \(correct)."
        ),
        ("", "", "FILE: the file is empty. Give a file with one JSON value a line."),
    ]

    static let correct = "Correct the record, or write the file again"

    @Test("Each fault of a recorded file names file, place and id", arguments: faults)
    func fault(text: String, keys: String, error: String) throws {
        let file = try TemporaryFile(text)
        let thrown = #expect(throws: Diagnostic.self) { try reward(file, keys) }
        #expect(thrown?.description.replacing(file.path, with: "FILE") == error)
        #expect(thrown?.category == .badData)
    }

    @Test("A row without a record, and a record of another size, are errors that name both sides")
    func mismatch() throws {
        let file = try TemporaryFile("{\"id\":\"a\",\"scores\":[1]}\n{\"id\":\"b\",\"scores\":[1,2,3]}\n")
        let reward = try reward(file)
        let missing = #expect(throws: Diagnostic.self) { try reward.score(group("z", 2)) }
        #expect(
            missing?.description == "rows.jsonl:4: id 'z': \(file.path) has no scores of this row. "
                + "Rows and records are matched by id; score this row too, or leave it out.")
        let size = #expect(throws: Diagnostic.self) { try reward.score(group("b", 2)) }
        #expect(
            size?.description
                == "\(file.path):2: the record 'b' has 3 scores, but its row (rows.jsonl:4) has 2 responses. "
                + "Score the same rows again, or name the file that belongs to them.")
    }

    @Test("A file must be there, and be no folder or standard input")
    func paths() throws {
        for path in ["/no/such/file", "/tmp"] {
            let thrown = #expect(throws: Diagnostic.self) { try RecordedReward(RewardSpec(.recorded, source: path)) }
            #expect(thrown?.category == .inputMissing)
        }
        let thrown = #expect(throws: Diagnostic.self) { try RecordedReward(RewardSpec(.recorded, source: "-")) }
        #expect(thrown?.category == .usage)
    }
}

@Suite(.enabled(if: Fixtures.isThere(Fixtures.shared("data/rewardmath/scores")), "needs ../shared/data"))
struct RewardMathFileTests {
    static let accuracies = [
        ("internlm2", 37.27), ("skywork_llama3", 22.15), ("ArmoRM", 20.50), ("Eurus-RM", 16.98), ("beaver", 7.25),
        ("oasst-rm", 7.04),
    ]

    @Test("The published result files give the published accuracies", arguments: accuracies)
    func accuracy(name: String, perCent: Double) async throws {
        let path = Fixtures.shared("data/rewardmath/scores/\(name).json")
        let reward = try RecordedReward(RewardSpec(.recorded, source: path))
        let problems = try #require(JSONValue(readingFile: path).arrayValue)
        let groups = problems.enumerated().map { index, problem in
            Group(
                id: "math-\(index)", prompt: .text(problem["problem"]?.stringValue ?? ""),
                responses: (0..<10).map { "solution \($0)" })
        }
        let scores = try await reward.score(groups)
        let wins = scores.count { score in score.scores.dropFirst().allSatisfy { $0 < score.scores[0] } }
        let accuracy = 100 * Double(wins) / Double(groups.count)
        #expect((accuracy * 100).rounded() / 100 == perCent)
    }
}

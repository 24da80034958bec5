import Diagnostics
import Experiment
import JSON
import Statistics
import Suites
import TestSupport
import Testing
import Text

@Suite("What the formats hold")
struct FormatTests {
    private func expected(_ suite: Suite) throws -> JSONValue {
        try JSONValue(readingFile: Place.fixture("\(suite.rawValue)/expected.json"))
    }

    @Test("A dialogue's prompt is what both share up to the last Assistant:, as messages or as published")
    func dialogues() throws {
        let path = Place.fixture("hh/data")
        let messages = try Suite.hh.load(path: path)
        let published = try Suite.hh.load(path: path, options: LoadOptions(dialogues: .text))
        let texts = try #require(expected(.hh)["texts"])
        for (item, asWritten) in zip(messages.items, published.items) {
            let text = try #require(texts[item.group.id])
            let responses = text["responses"]?.arrayValue?.compactMap(\.stringValue)
            #expect(item.group.responses == responses)
            #expect(asWritten.group.responses == responses?.map { " " + $0 })
            #expect(asWritten.group.prompt == .text(text["prompt"]?.stringValue ?? ""))
        }
        let turns = try #require(messages.items.first { $0.group.id == "test:4" }).group.prompt.messages
        #expect(turns.map(\.role) == ["user", "assistant", "user"])
        #expect(turns[2].content.hasSuffix("\nHuman: not a turn"))
        #expect(messages.excluded.map(\.count) == [1, 1])
    }

    @Test("JudgeBench outputs are benched as recorded: scores where both orders agree, else the judge's votes")
    func judgeBench() throws {
        let suite = try Suite.judgeBench.load(path: Place.fixture("judgebench/data"))
        let result = try suite.evaluate(#require(suite.recordedScores))
        let facts = try expected(.judgeBench)
        #expect(result.row("accuracy", "overall")?.estimate.point == facts["recorded"]?["overall"]?.doubleValue)
        #expect(suite.notes.contains { $0.hasPrefix("\(facts["voted"]?.intValue ?? 0) rows") })
        #expect(result.row("accuracy", "mmlu-pro-law")?.isDetail == true)
    }

    @Test(
        "RewardMATH's step scores are reduced by product, or by minimum for ReasonEval, and the table says which",
        arguments: [("Math_Shepherd", "product"), ("ReasonEval_7B", "minimum"), ("plain", "plain")])
    func steps(file: String, reduction: String) throws {
        let suite = try Suite.rewardMATH.load(path: Place.fixture("rewardmath/results/\(file).json"))
        let result = try suite.evaluate(#require(suite.recordedScores))
        let expected = try expected(.rewardMATH)["recorded"]?[reduction]?.doubleValue
        #expect(result.row("accuracy", "RewardMATH")?.estimate.point == expected)
        #expect(
            suite.notes == (reduction == "plain" ? [] : ["a solution's score is the \(reduction) of its step scores"]))
        #expect(throws: Diagnostic.self) { try suite.groups() }
    }

    @Test("A problem that result files hold twice counts twice, as in the source, and is known by its place")
    func repeated() throws {
        let row = "{\"problem\": \"p\", \"solution_reference\": [\"a\", \"b\"], \"score\": [1, 0]}"
        let folder = try TemporaryFolder()
        let suite = try Suite.rewardMATH.load(path: try folder.write("[\(row),\n\(row)]", to: "x.json"))
        #expect(suite.items.map(\.group.id) == ["p", "p@2"])
        #expect(suite.items.map { $0.group.context["index"] } == [.integer(0), .integer(1)])
        let result = try suite.evaluate(#require(suite.recordedScores))
        let found = try #require(result.row("accuracy", "RewardMATH"))
        #expect(found.estimate.n == 2)
        #expect(found.estimate.clusters == 1)
    }

    @Test("A step reduction that is asked for overrides the model's")
    func askedSteps() throws {
        let path = Place.fixture("rewardmath/results/ReasonEval_7B.json")
        let suite = try Suite.rewardMATH.load(path: path, options: LoadOptions(steps: .product))
        let result = try suite.evaluate(#require(suite.recordedScores))
        let expected = try expected(.rewardMATH)["recorded"]?["product"]?.doubleValue
        #expect(result.row("accuracy", "RewardMATH")?.estimate.point == expected)
    }

    @Test(
        "RewardMATH's benchmark file becomes one group a problem, correct solution first, steps joined by line breaks")
    func solutions() throws {
        let suite = try Suite.rewardMATH.load(path: Place.fixture("rewardmath/data/direct.json"))
        let groups = try suite.groups()
        #expect(groups.count == 8)
        #expect(groups.allSatisfy { $0.responses.count == 10 && $0.responses[0].contains("\n") })
        #expect(suite.recordedScores == nil)
    }

    @Test("RM-Bench's file of everything is not counted beside the domains' files, and alone gives the same table")
    func total() throws {
        let fixture = try SuiteFixture(.rmBench)
        let alone = try Suite.rmBench.load(path: Place.fixture("rm-bench/data/total_dataset.json"))
        #expect(fixture.suite.items.count == 15)
        #expect(alone.items.map(\.group.id) == fixture.suite.items.map(\.group.id))
    }

    @Test("A limit takes rows from each subset in turn and keeps file order")
    func limit() throws {
        let suite = try Suite.llmBar.load(path: Place.fixture("llmbar/data"), options: LoadOptions(limit: 7))
        let all = try Suite.llmBar.load(path: Place.fixture("llmbar/data")).items.map(\.group.id)
        let kept = suite.items.map(\.group.id)
        #expect(kept.count == 7)
        #expect(kept == all.filter(kept.contains))
        #expect(Set(suite.items.map(\.subset)).count == 3)
    }

    @Test("PandaLM, PPE and JudgeBench leave rows with empty responses out, and refuse them where asked to")
    func empties() throws {
        let refuse = LoadOptions(emptyResponses: .refuse)
        for suite in [Suite.pandaLM, .ppe] {
            let path = Place.fixture("\(suite.rawValue)/data")
            let loaded = try suite.load(path: path)
            #expect(loaded.excluded.contains { $0.reason == "a response is empty" })
            #expect(throws: Diagnostic.self) { try suite.load(path: path, options: refuse) }
        }
        let facts = try expected(.ppe)
        let ppe = try Suite.ppe.load(path: Place.fixture("ppe/data"))
        #expect(ppe.excluded.map(\.count) == [facts["excluded"]?.intValue])
        #expect(ppe.notes.contains { $0.hasPrefix("\(facts["undecided"]?.intValue ?? 0) sampled pairs") })
    }

    @Test("PandaLM's left-out rows are counted by reason")
    func pandaLM() throws {
        let loaded = try Suite.pandaLM.load(path: Place.fixture("pandalm/data"))
        let counts = try #require(expected(.pandaLM)["excluded"]?.objectValue)
        for (reason, count) in counts {
            #expect(loaded.excluded.first { $0.reason == reason }?.count == count.intValue, "\(reason)")
        }
    }

    @Test("Parts of RewardBench that are not in the data are named")
    func missing() throws {
        let loaded = try Suite.rewardBench.load(path: Place.fixture("rewardbench/data"))
        #expect(loaded.notes.count == 1)
        #expect(loaded.notes[0].hasSuffix("mt-bench-med, hep-js"))
    }
}

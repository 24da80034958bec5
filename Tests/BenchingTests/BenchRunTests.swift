import Diagnostics
import Foundation
import JSON
import Ledger
import Experiment
import Rewards
import Statistics
import Suites
import TestSupport
import Testing

@testable import Benching

struct BenchRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func request(_ suite: Suite, _ data: String, _ rewards: [String] = []) throws -> BenchRequest {
        var specs: [RewardSpec] = []
        for reward in rewards { specs.append(try RewardSpec(parsing: reward)) }
        var request = BenchRequest(suite: suite, data: data, rewards: specs)
        request.options.ledgerPath = folder.file("ledger.sqlite")
        request.options.isQuiet = true
        return request
    }

    private var pairs: String { Place.fixture("suites/pairs/data") }

    @Test("The scores that a suite's file holds are benched without any reward")
    func ownScores() async throws {
        let report = try await BenchRun(
            request(.rewardMATH, Place.fixture("suites/rewardmath/results/plain.json"))
        ).run()
        let suite = try Suite.rewardMATH.load(path: Place.fixture("suites/rewardmath/results/plain.json"))
        let expected = try suite.evaluate(#require(suite.recordedScores))
        #expect(report.entries.map(\.key) == ["r1"])
        #expect(report.entries[0].result.rows == expected.rows)
    }

    @Test("Without rewards and scores there is nothing to bench")
    func nothing() async throws {
        let error = await diagnostic { _ = try await BenchRun(request(.pairs, pairs)).run() }
        #expect(error?.message == "no reward is given, and the data holds no scores")
        #expect(error?.category == .usage)
    }

    @Test("Controls are added, marked, and not twice")
    func controls() async throws {
        let report = try await BenchRun(request(.pairs, pairs, ["rule:length", "rule:markdown"])).run()
        #expect(report.entries.map(\.spec) == ["rule:length", "rule:markdown", "rule:coin"])
        #expect(report.entries.map(\.key) == ["r1", "r2", "c1"])
        #expect(report.entries.map(\.isControl) == [false, false, true])
        var without = try request(.pairs, pairs, ["rule:length"])
        without.includesControls = false
        #expect(try await BenchRun(without).run().entries.count == 1)
    }

    @Test("The coin of another seed falls otherwise")
    func seeds() async throws {
        var other = try request(.pairs, pairs, ["rule:length"])
        other.options.seed = 7
        #expect(try await BenchRun(other).run().entries.last?.spec == "rule:coin?seed=7")
    }

    @Test("Every reward but the first has its paired difference to the first, as the suite computes it")
    func differences() async throws {
        let report = try await BenchRun(request(.pairs, pairs, ["rule:length", "rule:coin"])).run()
        let suite = try Suite.pairs.load(path: pairs)
        let length = try await LengthRule(RewardSpec(parsing: "rule:length")).score(suite.groups())
        let coin = try await CoinRule(RewardSpec(parsing: "rule:coin")).score(suite.groups())
        #expect(report.entries[0].differences.isEmpty)
        #expect(try report.entries[1].differences == suite.compare(length, coin))
    }

    @Test("The ledger holds scores, levels and contrasts, and is the same for the same run")
    func ledger() async throws {
        let first = try await BenchRun(request(.pairs, pairs, ["rule:length"])).run()
        let second = try await BenchRun(request(.pairs, pairs, ["rule:length"])).run()
        let ledger = try Ledger(path: folder.file("ledger.sqlite"))
        let (one, two) = (RunID(rawValue: first.run), RunID(rawValue: second.run))
        #expect(one != two)
        #expect(try ledger.digest(of: one) == ledger.digest(of: two))
        #expect(try ledger.scores(of: one, reward: 2).count == 16)
        let results = try ledger.results(of: one)
        #expect(results.count { $0.reference == nil } == 9)
        #expect(results.count { $0.reference == 0 } == 6)
        #expect(
            first.json["rewards"]?.arrayValue?.map { $0["results"] }
                == second.json["rewards"]?.arrayValue?.map { $0["results"] })
    }

    @Test("A stopped bench goes on from the ledger; one that is done is shown again")
    func resumes() async throws {
        var asked = try request(.pairs, pairs, ["rule:length"])
        let interruption = Interruption()
        _ = interruption.request()
        let error = await diagnostic { _ = try await BenchRun(asked, interruption: interruption).run() }
        #expect(error?.category == .interrupted)
        asked.options.resumes = true
        let report = try await BenchRun(asked).run()
        #expect(report.entries.map(\.keptRows) == [0, 0, 0])
        let again = try await BenchRun(asked).run()
        #expect(again.run == report.run)
        #expect(again.entries.map(\.keptRows) == [16, 16, 16])
        #expect(again.entries.map(\.result.rows) == report.entries.map(\.result.rows))
    }

    @Test("Going on with an unfinished bench under other settings is refused with what differs")
    func changedSettings() async throws {
        let asked = try request(.pairs, pairs, ["rule:length"])
        let interruption = Interruption()
        _ = interruption.request()
        _ = await diagnostic { _ = try await BenchRun(asked, interruption: interruption).run() }
        var other = asked
        other.options.resumes = true
        other.ties = .half
        let error = await diagnostic { _ = try await BenchRun(other).run() }
        #expect(error?.message.hasSuffix("had other settings: ties (strict then, half now)") == true)
    }

    @Test("An unfinished bench of other data does not stand in the way")
    func otherData() async throws {
        let interruption = Interruption()
        _ = interruption.request()
        _ = await diagnostic { _ = try await BenchRun(request(.pairs, pairs), interruption: interruption).run() }
        let asked = try request(.pairs, pairs, ["rule:length"])
        _ = await diagnostic { _ = try await BenchRun(asked, interruption: interruption).run() }
        let line = #"{"id":"a","prompt":"p","chosen":"long answer","rejected":"no"}"# + "\n"
        var other = try request(.pairs, folder.write(line, to: "other.jsonl"), ["rule:length"])
        other.options.resumes = true
        #expect(try await BenchRun(other).run().rows == 1)
    }

    @Test("A coin that names no seed has the run's, in an ensemble too")
    func seededCoins() throws {
        for (spec, seeded) in [
            ("rule:coin", "rule:coin?seed=7"), ("rule:coin?seed=1", "rule:coin?seed=1"), ("rule:length", "rule:length"),
            ("mean:[rule:coin,rule:length]", "mean:[rule:coin?seed=7,rule:length]"),
        ] {
            #expect(try RewardSpec(parsing: spec).seeded(by: 7) == RewardSpec(parsing: seeded))
        }
        #expect(try RewardSpec(parsing: "rule:coin").seeded(by: 0).description == "rule:coin")
    }

    @Test("A table tells prompts from comparisons, and in which sense its intervals hold")
    func independence() async throws {
        let text = BenchTable(try await BenchRun(request(.pairs, pairs, ["rule:length"])).run()).text
        #expect(text.contains("      n counts 56 in 9 independent prompts\n"))
        #expect(text.contains("clustered by prompt, fixed-n"))
    }

    @Test("What an ensemble's members were made with is found by key, as are the tokens of a verdict")
    func provenanceValues() {
        let provenance: JSONValue = [
            "kind": "mean",
            "members": [
                ["spec": "a", "provenance": ["dtype": "float32", "yes_tokens": [5, 6], "no_tokens": [7]]],
                ["spec": "\"dtype\":\"bfloat16\"", "provenance": ["dtype": "float16"]],
            ],
        ]
        #expect(provenance.provenanceValues(of: "dtype") == ["float32", "float16"])
        #expect(
            VerdictTokens.all(in: provenance).map(\.text) == ["Yes is token 5 or 6, No is token 7"])
    }

    @Test("A verdict's tokens are told with their text, a space made visible")
    func verdictTexts() {
        let provenance: JSONValue = [
            "yes_tokens": [5, 6], "yes_texts": ["Yes", " Yes"], "no_tokens": [7], "no_texts": ["\nNo"],
        ]
        #expect(
            VerdictTokens.all(in: provenance).map(\.text) == [
                #"Yes is token 5 "Yes" or 6 "␣Yes", No is token 7 "\nNo""#
            ])
    }

    @Test("A table's place is checked by its folder, and errors name the file that was asked for")
    func tablePlace() async {
        let path = folder.file("no/t.csv")
        #expect(await diagnostic { try TableFile.check(path) }?.location.file == path)
        #expect(await diagnostic { try TableFile.write("x", to: path) }?.location.file == path)
        #expect(await diagnostic { try TableFile.check(folder.path) }?.category == .inputMissing)
        #expect(await diagnostic { try TableFile.check(folder.file("t.csv")) } == nil)
    }

    @Test("Data that is a pipe is refused without opening it")
    func pipe() async throws {
        let path = folder.file("pipe.jsonl")
        #expect(mkfifo(path, 0o600) == 0)
        let error = await diagnostic { _ = try await BenchRun(request(.pairs, path)).run() }
        #expect(error?.message == "this is no ordinary file, and a suite's data is read more than once")
    }

    @Test("Rows that one reward cannot score are left out for all, counted, and told as a part")
    func skipsBadRows() async throws {
        let groups = try Suite.pairs.load(path: pairs).groups()
        let lines = groups.dropFirst(2).map { group in
            "{\"id\":\"\(group.id)\",\"scores\":[\(group.responses.indices.map { "\($0)" }.joined(separator: ","))]}\n"
        }
        let file = try folder.write(lines.joined(), to: "scores.jsonl")
        var asked = try request(.pairs, pairs, ["rule:length"])
        asked.rewards.append(RewardSpec(.recorded, source: file))
        let refusal = await diagnostic { _ = try await BenchRun(asked).run() }
        #expect(refusal?.remedy.hasSuffix("or leave such rows out with --skip-bad-rows") == true)
        asked.skipsBadRows = true
        let report = try await BenchRun(asked).run()
        #expect(report.rows == 14)
        #expect(report.failures.map(\.id) == groups.prefix(2).map(\.id))
        #expect(report.failure?.category == .partial)
        #expect(report.excluded.last?.count == 2)
        #expect(report.excluded.last?.first == groups[0].source)
        #expect(report.entries.allSatisfy { $0.result.rows.last?.items == 14 })
        let ledger = try Ledger(path: folder.file("ledger.sqlite"))
        #expect(try ledger.run(RunID(rawValue: report.run))?.status == .partial)
        asked.options.resumes = true
        let again = try await BenchRun(asked).run()
        #expect(again.run == report.run)
        #expect(again.entries.map(\.result.rows) == report.entries.map(\.result.rows))
    }

    @Test("The CSV has a line a reward, metric and subset, and as many cells as columns")
    func csv() async throws {
        let report = try await BenchRun(request(.pairs, pairs, ["rule:length"])).run()
        let lines = report.csv.split(separator: "\r\n")
        #expect(lines.count == 1 + 9)
        #expect(lines[0] == BenchReport.columns.joined(separator: ",")[...])
        let cells = report.csv.split(separator: "\r\n").map { line in
            var (count, isQuoted) = (1, false)
            for character in line {
                if character == "\"" { isQuoted.toggle() }
                if character == ",", !isQuoted { count += 1 }
            }
            return count
        }
        #expect(cells.allSatisfy { $0 == BenchReport.columns.count })
    }

    @Test("The JSON names suite, rule, ties, rewards with results and differences, cost, ledger and run")
    func json() async throws {
        let report = try await BenchRun(request(.pairs, pairs, ["rule:length"])).run()
        let json = try JSONValue(parsing: report.json.text)
        #expect(
            json.objectValue?.keys == [
                "suite", "data", "rows", "rule", "ties", "level", "excluded", "notes", "warnings",
                "failures", "cautions", "rewards", "seconds_scoring", "tokens_computed", "ledger", "run",
            ])
        let reward = try #require(json["rewards"]?.arrayValue?.last)
        #expect(reward["control"] == true)
        #expect(
            reward["results"]?.arrayValue?.first?.objectValue?.keys == [
                "metric", "subset", "point", "lower", "upper", "level", "method", "validity", "n", "clusters", "rows",
                "ties", "truncated", "untruncated", "weight", "detail",
            ])
        #expect(reward["differences"]?.arrayValue?.first?["p_value"]?.doubleValue != nil)
    }

    @Test("No line of the table is wider than 100 columns, and colours come only where asked for")
    func table() async throws {
        let report = try await BenchRun(request(.pairs, pairs, ["rule:length?unit=words", "rule:length"])).run()
        let text = BenchTable(report).text
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 || $0.contains("/") })
        #expect(!text.contains("\u{1B}"))
        #expect(BenchTable(report, isColoured: true).text.contains("\u{1B}[1m"))
        #expect(text.contains("ties      strict, a tie is a failure (the source's policy)"))
    }

    @Test(
        "RewardMATH's published numbers",
        .enabled(if: Place.hasShared, "needs ../shared"),
        arguments: [
            ("internlm2", 37.27), ("skywork_llama3", 22.15), ("ArmoRM", 20.50), ("Eurus-RM", 16.98), ("beaver", 7.25),
            ("oasst-rm", 7.04),
        ])
    func rewardMATH(name: String, percent: Double) async throws {
        let report = try await BenchRun(request(.rewardMATH, Place.shared("data/rewardmath/scores/\(name).json"))).run()
        let point = try #require(report.entries[0].result.rows.last?.estimate.point)
        #expect(Numerals.fixed(point * 100, 2) == Numerals.fixed(percent, 2))
    }
}

struct ProvenanceComparisonTests {
    @Test("Results made under other settings are labelled")
    func labels() async throws {
        let folder = try TemporaryFolder()
        let data = Place.fixture("suites/pairs/data")
        let groups = try Suite.pairs.load(path: data).groups()
        let lines = groups.enumerated().map { index, group in
            let scores = group.responses.indices.map { "\($0)" }.joined(separator: ",")
            let cut = group.responses.indices.map { index == 0 && $0 == 0 ? "true" : "false" }.joined(separator: ",")
            return "{\"id\":\"\(group.id)\",\"scores\":[\(scores)],\"truncated\":[\(cut)]}\n"
        }
        let file = try folder.write(lines.joined(), to: "scores.jsonl")
        var request = BenchRequest(
            suite: .pairs, data: data,
            rewards: [try RewardSpec(parsing: "rule:length"), RewardSpec(.recorded, source: file)])
        request.options.ledgerPath = folder.file("ledger.sqlite")
        request.options.isQuiet = true
        let report = try await BenchRun(request).run()
        #expect(
            report.warnings == [
                "r2 was scored elsewhere: template, maximum length and dtype are not known here",
                "r1 was truncated on 0 rows, r2 on 1",
            ])
        let text = BenchTable(report).text
        #expect(text.contains("NOT ALIKE: r1 was truncated on 0 rows, r2 on 1\n"))
        #expect(text.contains("      rows not cut"))
    }
}

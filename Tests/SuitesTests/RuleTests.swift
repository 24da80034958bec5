import Diagnostics
import Experiment
import JSON
import Statistics
import Suites
import Testing

/// What `scripts/fixtures/make_suite_fixtures.py` wrote for one suite.
struct SuiteFixture {
    let suite: LoadedSuite
    let first: [GroupScore]
    let other: [GroupScore]
    let expected: JSONValue

    init(_ suite: Suite) throws {
        let folder = Place.fixture(suite.rawValue)
        let loaded = try suite.load(path: "\(folder)/data")
        let scores = try JSONValue(readingFile: "\(folder)/scores.json")
        let truncated = Set(scores["truncated"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        func groupScores(_ name: String) throws -> [GroupScore] {
            try loaded.items.map { item in
                let row = try #require(scores[name]?[item.group.id]?.arrayValue, "no scores of \(item.group.id)")
                var cut = [Bool](repeating: false, count: row.count)
                cut[row.count - 1] = truncated.contains(item.group.id)
                return GroupScore(id: item.group.id, scores: row.compactMap(\.doubleValue), truncated: cut)
            }
        }
        self.suite = loaded
        first = try groupScores("first")
        other = try groupScores("other")
        expected = try JSONValue(readingFile: "\(folder)/expected.json")
    }

    func table(_ ties: TiePolicy, _ part: String) throws -> [JSONValue] {
        try #require(expected["tables"]?[ties.rawValue]?[part]?.arrayValue)
    }

    /// Few resamples: the points, tests and closed intervals are checked here, not the bootstrap.
    static func options(_ ties: TiePolicy) -> EvaluationOptions { EvaluationOptions(ties: ties, replicates: 100) }
}

private func isClose(_ value: Double?, _ expected: JSONValue?, within tolerance: Double = 1e-12) -> Bool {
    guard let expected, let number = expected.doubleValue else { return value == nil }
    return value.map { abs($0 - number) <= tolerance * max(1, abs(number)) } ?? false
}

private func matches(_ interval: Interval, _ expected: JSONValue?) -> Bool {
    guard let ends = expected?.arrayValue, ends.count == 2 else { return true }
    return isClose(interval.lower, ends[0], within: 1e-9) && isClose(interval.upper, ends[1], within: 1e-9)
}

@Suite("Each suite's rule, against an independent computation")
struct RuleTests {
    @Test("The table has the points, counts and intervals that numpy and scipy give", arguments: Suite.allCases)
    func table(suite: Suite) throws {
        let fixture = try SuiteFixture(suite)
        for ties in TiePolicy.allCases { try checkTable(fixture, ties) }
    }

    private func checkTable(_ fixture: SuiteFixture, _ ties: TiePolicy) throws {
        let result = try fixture.suite.evaluate(fixture.first, SuiteFixture.options(ties))
        let expected = try fixture.table(ties, "rows")
        #expect(result.rows.count == expected.count)
        for line in expected {
            let (metric, subset) = try names(line)
            let row = try #require(result.row(metric, subset), "\(metric) of \(subset) is missing")
            try check(row, line)
        }
    }

    private func check(_ row: SuiteRow, _ line: JSONValue) throws {
        let name = Comment(rawValue: "\(row.metric) of \(row.subset)")
        #expect(isClose(row.estimate.point, line["point"]), name)
        #expect(row.estimate.n == line["n"]?.intValue, name)
        #expect(row.items == line["items"]?.intValue, name)
        #expect(row.ties == line["ties"]?.intValue, name)
        #expect(row.truncated == line["truncated"]?.intValue, name)
        #expect(isClose(row.untruncated?.point, line["untruncated"]), name)
        #expect(isClose(row.weight, line["weight"]), name)
        #expect(line["clusters"] == nil || row.estimate.clusters == line["clusters"]?.intValue, name)
        #expect(matches(row.estimate.interval, line["interval"]), name)
    }

    @Test("Two rewards differ by what numpy and scipy give, with the test that fits", arguments: Suite.allCases)
    func differences(suite: Suite) throws {
        let fixture = try SuiteFixture(suite)
        for ties in TiePolicy.allCases { try checkDifferences(fixture, ties) }
    }

    private func checkDifferences(_ fixture: SuiteFixture, _ ties: TiePolicy) throws {
        let differences = try fixture.suite.compare(fixture.first, fixture.other, SuiteFixture.options(ties))
        let expected = try fixture.table(ties, "differences")
        #expect(differences.count == expected.count)
        for line in expected {
            let (metric, subset) = try names(line)
            let difference = try #require(differences.first { $0.metric == metric && $0.subset == subset })
            let name = Comment(rawValue: "\(metric) of \(subset)")
            #expect(isClose(difference.estimate.point, line["point"]), name)
            #expect(matches(difference.estimate.interval, line["interval"]), name)
            #expect(isClose(difference.test?.pValue, line["p"], within: 1e-9), name)
            let test = line["test"]?.stringValue
            #expect(difference.test?.method.hasPrefix(test ?? "") ?? (test == nil), name)
        }
    }

    private func names(_ line: JSONValue) throws -> (String, String) {
        (try #require(line["metric"]?.stringValue), try #require(line["subset"]?.stringValue))
    }

    @Test("Differences of normalised margins have no test, and all others have one", arguments: Suite.allCases)
    func tests(suite: Suite) throws {
        let fixture = try SuiteFixture(suite)
        for difference in try fixture.suite.compare(fixture.first, fixture.other, SuiteFixture.options(.strict)) {
            #expect((difference.test == nil) == difference.metric.hasPrefix("margin / sd"))
        }
    }

    @Test("A row that parts of a composite share is counted once", arguments: [Suite.rewardBench2, .rewardBench])
    func counts(suite: Suite) throws {
        let fixture = try SuiteFixture(suite)
        let row = try fixture.suite.evaluate(fixture.first, SuiteFixture.options(.strict)).row("overall", "overall")
        #expect(row?.estimate.n == fixture.suite.items.count)
        let difference = try fixture.suite.compare(fixture.first, fixture.other, SuiteFixture.options(.strict))
            .first { $0.subset == "overall" }
        #expect(difference?.estimate.n == fixture.suite.items.count)
    }

    @Test("Each suite's own tie policy is its source's", arguments: Suite.allCases)
    func policies(suite: Suite) throws {
        let fixture = try SuiteFixture(suite)
        #expect(fixture.suite.defaultTies.rawValue == fixture.expected["default"]?.stringValue)
        let result = try fixture.suite.evaluate(fixture.first, EvaluationOptions(replicates: 100))
        #expect(result.ties == fixture.suite.defaultTies)
    }

    @Test(
        "A reward differs from itself by nothing, and the test sees it",
        arguments: [Suite.pairs, .rmBench, .rewardBench2])
    func itself(suite: Suite) throws {
        let fixture = try SuiteFixture(suite)
        for difference in try fixture.suite.compare(fixture.first, fixture.first, SuiteFixture.options(.strict)) {
            #expect(difference.estimate.point == 0)
            #expect(difference.test?.pValue == 1)
        }
    }
}

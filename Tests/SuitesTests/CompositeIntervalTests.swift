import Diagnostics
import Experiment
import Statistics
import Suites
import TestSupport
import Testing

@Suite("A composite's interval comes from prompts, with section weights fixed")
struct CompositeIntervalTests {
    /// The overall weight of math-prm beside mt-bench-easy, as all there is of their sections: one half each.
    private static let weight = 0.5
    private static let count = 150

    /// Two subsets of one prompt a row; the second's prompts are the first's where `shared`.
    private func load(shared: Bool) throws -> LoadedSuite {
        var text = ""
        for subset in ["mt-bench-easy", "math-prm"] {
            for row in 0..<Self.count {
                let prompt = shared ? "p\(row)" : "\(subset) \(row)"
                text += "{\"id\": \(row), \"subset\": \"\(subset)\", \"prompt\": \"\(prompt)\", "
                text += "\"chosen\": \"c\", \"rejected\": \"r\"}\n"
            }
        }
        let folder = try TemporaryFolder()
        return try Suite.rewardBench.load(path: try folder.write(text, to: "rows.jsonl"))
    }

    /// A reward that is right with probability 0.7, decided by row, so subsets agree row by row.
    private func scores(_ suite: LoadedSuite, offset: Int) -> [GroupScore] {
        suite.items.enumerated().map { index, item in
            var stream = RandomStream(seed: 4, purpose: "test", item: UInt64(index % Self.count + offset))
            return GroupScore(id: item.group.id, scores: stream.uniform() < 0.7 ? [1, 0] : [0, 1])
        }
    }

    @Test(
        "Its standard error is the binomial one for distinct prompts, and twice a section's share for shared ones",
        arguments: [false, true])
    func standardError(shared: Bool) throws {
        let suite = try load(shared: shared)
        let result = try suite.evaluate(scores(suite, offset: 0))
        let row = try #require(result.row("overall", "overall"))
        let p = try #require(result.row("accuracy", "math-prm")).estimate.point
        let section = (p * (1 - p) / Double(Self.count)).squareRoot()
        let expected = shared ? section : (2 * Self.weight * Self.weight).squareRoot() * section
        #expect(row.estimate.clusters == (shared ? Self.count : 2 * Self.count))
        #expect(abs(row.estimate.point - p) < 1e-12)
        #expect(abs((row.estimate.standardError ?? 0) / expected - 1) < 0.06)
        #expect(abs(row.estimate.interval.halfWidth / (1.96 * expected) - 1) < 0.1)
    }

    @Test("Two rewards are compared over the same resamples")
    func paired() throws {
        let suite = try load(shared: false)
        let (first, other) = (scores(suite, offset: 0), scores(suite, offset: 10_000))
        let difference = try #require(suite.compare(first, other).first { $0.metric == "overall" })
        let d = zip(first, other).prefix(Self.count).map { ($1.scores[0]) - ($0.scores[0]) }
        let mean = d.reduce(0, +) / Double(d.count)
        let variance = d.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(d.count)
        let expected = (2 * Self.weight * Self.weight * variance / Double(d.count)).squareRoot()
        #expect(abs(difference.estimate.point - mean) < 1e-12)
        #expect(abs((difference.estimate.standardError ?? 0) / expected - 1) < 0.06)
        #expect(difference.test?.method.hasPrefix("sign-flip") == true)
        #expect(difference.test?.statistic == difference.estimate.point)
    }

    @Test("The seed decides the interval, and the same seed gives the same one")
    func seeds() throws {
        let suite = try load(shared: false)
        let given = scores(suite, offset: 0)
        let rows = try [1, 1, 2].map { seed in
            try #require(
                suite.evaluate(given, EvaluationOptions(seed: seed, replicates: 200)).row("overall", "overall"))
        }
        #expect(rows[0] == rows[1])
        #expect(rows[0].estimate.interval != rows[2].estimate.interval)
    }
}

import Diagnostics
import Experiment
import JSON
import Statistics
import Suites
import Testing

@Suite("Numbers that the sources publish", .enabled(if: Place.hasShared, "needs ../shared"))
struct PublishedNumbersTests {
    @Test(
        "RewardMATH's published accuracies are reproduced, with strict ties",
        arguments: [
            ("internlm2", 37.27), ("skywork_llama3", 22.15), ("ArmoRM", 20.50), ("Eurus-RM", 16.98), ("beaver", 7.25),
            ("oasst-rm", 7.04),
        ])
    func rewardMATH(model: String, percent: Double) throws {
        let suite = try Suite.rewardMATH.load(path: Place.shared("data/rewardmath/scores/\(model).json"))
        let result = try suite.evaluate(#require(suite.recordedScores))
        let row = try #require(result.row("accuracy", "RewardMATH"))
        #expect(result.ties == .strict)
        #expect(row.items == 483)
        #expect((row.estimate.point * 10_000).rounded() / 100 == percent)
        #expect(row.ties == (model == "ArmoRM" ? 5 : 0))
    }

    @Test("RewardBench 2's own code and ours agree on made-up scores with ties")
    func rewardBench2() throws {
        let suite = try Suite.rewardBench2.load(path: Place.shared("fixtures/rewardbench2-scores/scores.jsonl"))
        let expected = try JSONValue(readingFile: Place.shared("fixtures/rewardbench2-scores/expected.json"))
        let result = try suite.evaluate(#require(suite.recordedScores))
        for (name, value) in try #require(expected.objectValue) {
            let metric = name == "Ties" ? "ties score" : (name == "overall" ? "overall" : "accuracy")
            let row = try #require(result.row(metric, name))
            #expect(abs(row.estimate.point - (try #require(value.doubleValue))) < 1e-15, "\(name)")
        }
        #expect(throws: Diagnostic.self) { try suite.groups() }
    }
}

import Diagnostics
import Experiment
import JSON
import Rewards
import Statistics
import Suites
import TestSupport
import Testing

@Suite("A JudgeBench output file says the same, benched as it is and as recorded scores")
struct JudgeBenchAgreementTests {
    private struct Pair {
        var label: String
        /// Each judgment's scores, in the order that it read, and its decision; no scores where it gave none.
        var judgments: [(scores: [Double]?, decision: String?)]
        /// Scores of A and B.
        var expected: [Double]
        /// Whether metrics of the source count the pair: more decisions for the label than against it.
        var isRight: Bool
    }

    private static let pairs = [
        // Both orders agree.
        Pair(label: "A>B", judgments: [([2, 1], "A>B"), ([1, 2], "B>A")], expected: [2, 1], isRight: true),
        // The judge prefers whatever it reads first: a draw, although the first order alone is right.
        Pair(label: "A>B", judgments: [([2, 1], "A>B"), ([2, 1], "A>B")], expected: [1, 1], isRight: false),
        Pair(label: "B>A", judgments: [([1, 2], "B>A"), ([1, 2], "B>A")], expected: [1, 1], isRight: false),
        // The first order calls a tie, the second decides.
        Pair(label: "B>A", judgments: [([3, 3], "A=B"), ([5, 4], "A>B")], expected: [0, 1], isRight: true),
        // The judge failed in the second order.
        Pair(label: "A>B", judgments: [([1, 2], "B>A"), (nil, nil)], expected: [0, 1], isRight: false),
        // Decisions alone.
        Pair(label: "B>A", judgments: [(nil, "B>A"), (nil, "A>B")], expected: [0, 2], isRight: true),
        // One order alone.
        Pair(label: "B>A", judgments: [([-1, 0.5], "B>A")], expected: [-1, 0.5], isRight: true),
    ]

    private func line(_ index: Int, _ pair: Pair) -> String {
        let judgments = pair.judgments.map { scores, decision in
            let inner = scores.map { "{\"scores\": \($0)}" } ?? "{\"response\": \"…\"}"
            return "{\"judgment\": \(inner), \"decision\": \(decision.map { "\"\($0)\"" } ?? "null")}"
        }
        return "{\"pair_id\": \"p\(index)\", \"source\": \"livecodebench\", \"question\": \"q\(index)\", "
            + "\"response_A\": \"a\", \"response_B\": \"b\", \"label\": \"\(pair.label)\", "
            + "\"judgments\": [\(judgments.joined(separator: ", "))]}\n"
    }

    /// The suite's own scores and those of `recorded:` on the suite's groups.
    private func scores(_ path: String) async throws -> (suite: LoadedSuite, own: [GroupScore], recorded: [GroupScore])
    {
        let suite = try Suite.judgeBench.load(path: path)
        let reward = try RecordedReward(RewardSpec(.recorded, source: path))
        return (suite, try #require(suite.recordedScores), try await reward.score(suite.groups()))
    }

    @Test("Scores are equal where the two orders disagree, and accuracy is the source's")
    func disagreement() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.pairs.enumerated().map { line($0, $1) }.joined(), to: "jb.jsonl")
        let (suite, own, recorded) = try await scores(path)
        #expect(own == recorded)
        // The preferred response stands first.
        #expect(own.map(\.scores) == Self.pairs.map { $0.label == "A>B" ? $0.expected : $0.expected.reversed() })
        let accuracy = try suite.evaluate(recorded).row("accuracy", "overall")?.estimate.point
        #expect(accuracy == Double(Self.pairs.count { $0.isRight }) / Double(Self.pairs.count))
    }

    @Test("Scores are equal on the published form's fixture")
    func fixture() async throws {
        let path = Place.fixture("judgebench/data/dataset=judgebench,judge_name=j.jsonl")
        let (_, own, recorded) = try await scores(path)
        #expect(own == recorded)
    }
}

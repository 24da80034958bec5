import Diagnostics
import Experiment
import Foundation
import JSON
import Rewards
import Suites
import TestSupport
import Testing

/// Damaged files of recorded scores; `ASSAY_SOAK=100000` makes that many of each format.
@Suite struct RecordedFuzzTests {
    private static let seeds = [
        #"""
        {"id":"a","scores":[0.5,-1e-9],"tokens":[3,4],"truncated":[false,true],"per_token":[[0.1],[-1,1]]}
        {"id":"b","scores":[[0.5,0.25],7]}
        """#,
        #"[{"problem":"p","score":[1,[0.5,0.7]]},{"problem":"q","id":7,"score":[3,4]},{"problem":"q","score":[5,6]}]"#,
        #"""
        {"pair_id":"a","label":"A>B","response_A":"x","response_B":"y","judgments":[{"judgment":{"scores":[5.5,14.5]},"decision":"B>A"},{"judgment":{"scores":[14.5,5.5]},"decision":"A>B"}]}
        {"pair_id":"b","judgments":[{"judgment":{"response":"…"},"decision":"A>B"},{"judgment":null,"decision":null}]}
        """#,
    ]

    private static let groups = ["a", "b", "7"].map { id in
        Group(id: id, prompt: .text(id == "a" ? "p" : "q"), responses: ["x", "y"], context: ["index": 1])
    }

    @Test("A damaged file of scores gives scores or a diagnostic, never anything else", arguments: seeds.indices)
    func mutants(index: Int) throws {
        let folder = try TemporaryFolder()
        let whole = Array(Self.seeds[index].utf8)
        var found = (read: 0, refused: 0)
        var generator = SplitMix64(state: UInt64(index))
        for round in 0..<Soak.mutants(500) {
            let path = try folder.write(Mutation.json.mutant(of: whole, using: &generator), to: "scores")
            do throws(Diagnostic) {
                let spec = try RewardSpec(parsing: "recorded:\(path)?steps=\(round % 2 == 0 ? "last" : "product")")
                expectScores(try RecordedReward(spec))
                found.read += 1
            } catch {
                #expect(error.location.file == path && error.category == .badData, "round \(round): \(error)")
                found.refused += 1
            }
        }
        #expect(found.read > 0 && found.refused > 0)
    }

    /// What is not there, or does not fit the row, is an error too.
    private func expectScores(_ reward: RecordedReward) {
        for group in Self.groups {
            do throws(Diagnostic) {
                let score = try reward.score(group)
                #expect(score.scores.count == 2 && !score.scores.contains(where: \.isNaN))
            } catch {
                #expect(error.category == .badData, "\(error)")
            }
        }
    }
}

import Diagnostics
import Foundation
import Suites
import TestSupport
import Testing

/// Damaged benchmark files; `ASSAY_SOAK=100000` makes that many in all.
@Suite struct SuiteFuzzTests {
    private static let files: [(Suite, String)] = [
        (.pairs, "pairs/data/first-file.jsonl"), (.rewardBench, "rewardbench/data/filtered.jsonl"),
        (.rewardBench2, "rewardbench2/data/test.jsonl"), (.rmBench, "rm-bench/data/chat_filtered.json"),
        (.rewardMATH, "rewardmath/results/Math_Shepherd.json"), (.rewardMATH, "rewardmath/data/direct.json"),
        (.judgeBench, "judgebench/data/dataset=judgebench,judge_name=j.jsonl"), (.ppe, "ppe/data/gpqa.jsonl"),
        (.llmBar, "llmbar/data/Natural/dataset.json"), (.pandaLM, "pandalm/data/testset.json"),
        (.hh, "hh/data/test.jsonl.gz"), (.persona, "persona/data/curiosity.jsonl"),
        (.shift, "shift/data/french-train.jsonl"),
    ]

    private static let rounds = Soak.count.map { $0 / files.count + 1 } ?? 20

    @Test("A damaged file gives a suite or a diagnostic about that file, never anything else", arguments: files)
    func mutants(suite: Suite, name: String) throws {
        let folder = try TemporaryFolder()
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Place.fixture(name))))
        let ending = name.hasSuffix(".gz") ? "rows.jsonl.gz" : "rows.jsonl"
        var generator = SplitMix64(state: 1)
        for round in 0..<Self.rounds {
            let path = try folder.write(Mutation.json.mutant(of: whole, using: &generator), to: ending)
            do throws(Diagnostic) {
                let loaded = try suite.load(path: path)
                #expect(!loaded.items.isEmpty)
            } catch {
                #expect(error.location.file == path, "round \(round): \(error)")
                #expect([.badData, .inputMissing].contains(error.category))
            }
        }
    }
}

import Diagnostics
import Foundation
import Statistics
import Suites
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

    private static let rounds = soakCount.map { $0 / files.count + 1 } ?? 20

    @Test("A damaged file gives a suite or a diagnostic about that file, never anything else", arguments: files)
    func mutants(suite: Suite, name: String) throws {
        let scratch = try Scratch()
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Place.fixture(name))))
        let ending = name.hasSuffix(".gz") ? "rows.jsonl.gz" : "rows.jsonl"
        for round in 0..<Self.rounds {
            var stream = RandomStream(seed: 1, purpose: name, item: UInt64(round))
            let path = try scratch.file(ending, mutant(of: whole, &stream))
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

/// How many mutants a soak makes of each kind.
let soakCount = ProcessInfo.processInfo.environment["ASSAY_SOAK"].flatMap(Int.init)

/// Damages a file in one to three places: bytes changed, removed, repeated, or the rest cut off.
func mutant(of bytes: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    var copy = bytes
    let marks = Array("{}[]\",:\\\n 0NtfI-".utf8)
    for _ in 0..<(1 + stream.below(3)) where !copy.isEmpty {
        let place = stream.below(copy.count)
        switch stream.below(5) {
        case 0: copy[place] = UInt8(stream.below(256))
        case 1: copy[place] = marks[stream.below(marks.count)]
        case 2: copy.removeSubrange(place..<min(copy.count, place + 1 + stream.below(40)))
        case 3: copy.insert(contentsOf: copy[place..<min(copy.count, place + 1 + stream.below(40))], at: place)
        default: copy.removeSubrange(place...)
        }
    }
    return copy
}

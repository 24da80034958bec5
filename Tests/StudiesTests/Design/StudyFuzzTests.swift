import Diagnostics
import Foundation
import Statistics
import Testing

@testable import Studies

@Suite struct StudyFuzzTests {
    /// Mutants of each kind.
    private static let count = ProcessInfo.processInfo.environment["ASSAY_SOAK"].flatMap(Int.init) ?? 1500

    private static let pieces = [
        "{", "}", "[", "]", ":", ": ", "- ", "\t", "\n", "\n  ", "&a ", "*a", "!!str ", "|\n", ">\n", "'", "\"", "#",
        "? ", "---\n",
        "...\n", "%YAML 1.1\n", "null", "1e999", ".inf", "0x", "é", "\u{FEFF}", "\u{0}", "\u{85}", "level", "set",
        "a.b", "<<: ",
        "99999999999999999999", "-1", "~", ",", "%", "@", "`", "reward.9.x", "reward.proxy", "..",
    ]

    private func expectStudyOrError(_ bytes: [UInt8]) {
        do {
            let design = try StudyDesign(parsing: bytes, file: "mutant.yaml")
            _ = try design.arms()
            _ = design.digest
        } catch {
            #expect(error.category == .badData || error.category == .usage, "\(error)")
            #expect(error.location.file == "mutant.yaml" && !error.message.isEmpty, "\(error)")
        }
    }

    @Test("Studies with bytes changed, cut out, doubled or put in are read or refused, never a crash")
    func bytes() {
        let original = Array(StudyTexts.smoke.utf8)
        for number in 0..<Self.count {
            var stream = RandomStream(seed: 1, purpose: "study bytes", step: UInt64(number))
            var mutant = original
            for _ in 0...stream.below(4) {
                let start = stream.below(mutant.count)
                let end = min(mutant.count, start + 1 + stream.below(12))
                switch stream.below(4) {
                case 0: mutant[start] = UInt8(stream.below(256))
                case 1: mutant.removeSubrange(start..<end)
                case 2: mutant.insert(contentsOf: mutant[start..<end], at: start)
                default: mutant.insert(UInt8(stream.below(256)), at: start)
                }
                if mutant.isEmpty { mutant = original }
            }
            expectStudyOrError(mutant)
        }
    }

    @Test("Studies with pieces of YAML put in and lines moved are read or refused, never a crash")
    func pieces() {
        let original = StudyTexts.smoke.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for number in 0..<Self.count {
            var stream = RandomStream(seed: 2, purpose: "study pieces", step: UInt64(number))
            var lines = original
            for _ in 0...stream.below(3) {
                let line = stream.below(lines.count)
                let piece = Self.pieces[stream.below(Self.pieces.count)]
                switch stream.below(4) {
                case 0: lines.swapAt(line, stream.below(lines.count))
                case 1: lines[line] = String(repeating: " ", count: stream.below(8)) + lines[line]
                case 2: lines[line] = piece + lines[line]
                default:
                    let place = stream.below(lines[line].count + 1)
                    lines[line].insert(
                        contentsOf: piece, at: lines[line].index(lines[line].startIndex, offsetBy: place))
                }
            }
            expectStudyOrError(Array(lines.joined(separator: "\n").utf8))
        }
    }
}

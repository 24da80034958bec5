import Diagnostics
import Foundation
import JSON
import Testing
import Text

@Suite("Damaged templates")
struct TemplateFuzzTests {
    /// A generator of 64-bit numbers with a seed (Vigna's SplitMix64), so that a failure can be repeated.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces = [
        "{%", "%}", "{{", "}}", "{#", "#}", "-%}", "{%-", "'", "\"", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":",
        "\\", "\\u", "\n", "\0",
        "{% for x in messages %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{% else %}", "{% set x = 1 %}",
        "{% raw %}", "{% macro m(a) %}",
        "{% endmacro %}", "{{ m(1) }}", " recursive ", "loop(messages)", "**", "*", "//", "%", "9223372036854775807",
        "-1", "1e999", "range(99999)",
        " * 99999999", "|tojson(indent=9999999)", "[::-1]", "|map('upper')", "|list", "namespace(x=1)", " is ", " not ",
        " in ", " if ", " else ",
        "é", "\u{301}", "👩‍👩‍👧", "\u{FEFF}", "%s", ".format(", "%(a)s", "{0.a}",
    ]

    private static func mutate(_ source: [UInt8], with other: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = source
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3: bytes = Array(bytes[..<place])
            case 4: bytes.insert(contentsOf: other[min(place, other.count)..<min(place + 40, other.count)], at: place)
            default: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
            }
        }
        return bytes
    }

    /// Templates to damage: the chat templates, the constructs and some of the random ones.
    private static func seeds() throws -> [TemplateFixtures.Case] {
        let dialogues = try TemplateFixtures.cases("dialogues.jsonl")
        return try TemplateFixtures.cases("constructs.jsonl") + TemplateFixtures.cases("random.jsonl").prefix(200)
            + stride(from: 0, to: dialogues.count, by: 7).map { dialogues[$0] }
    }

    /// How many to try: a few thousand, or as many as `ASSAY_SOAK` says.
    private static let count = ProcessInfo.processInfo.environment["ASSAY_SOAK"].flatMap { Int($0) } ?? 3_000

    @Test("Thousands of mutants render or are refused; none crashes or runs on")
    func survivesMutants() throws {
        let seeds = try Self.seeds()
        var random = SplitMix(state: 20_240_726)
        var (rendered, refused) = (0, 0)
        for _ in 0..<Self.count {
            let seed = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            let other = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            let bytes = Self.mutate(Array(seed.template.utf8), with: Array(other.template.utf8), &random)
            do throws(Diagnostic) {
                var template = try JinjaTemplate(String(decoding: bytes, as: UTF8.self), name: "mutant")
                template.limits.steps = 100_000
                template.limits.bytes = 1 << 24
                _ = try template.render(seed.context, now: TemplateFixtures.time)
                rendered += 1
            } catch {
                #expect(error.category == .badData)
                refused += 1
            }
        }
        #expect(rendered + refused == Self.count)
        #expect(rendered > Self.count / 20 && refused > Self.count / 20)
    }
}

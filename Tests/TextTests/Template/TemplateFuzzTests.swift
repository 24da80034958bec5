import Diagnostics
import Foundation
import JSON
import TestSupport
import Testing
import Text

@Suite("Damaged templates")
struct TemplateFuzzTests {
    private static let mutation = Mutation(
        pieces: [
            "{%", "%}", "{{", "}}", "{#", "#}", "-%}", "{%-", "'", "\"", "(", ")", "[", "]", "{", "}", "|", ".", ",",
            ":",
            "\\", "\\u", "\n", "\0",
            "{% for x in messages %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{% else %}", "{% set x = 1 %}",
            "{% raw %}", "{% macro m(a) %}",
            "{% endmacro %}", "{{ m(1) }}", " recursive ", "loop(messages)", "**", "*", "//", "%",
            "9223372036854775807",
            "-1", "1e999", "range(99999)",
            " * 99999999", "|tojson(indent=9999999)", "[::-1]", "|map('upper')", "|list", "namespace(x=1)", " is ",
            " not ",
            " in ", " if ", " else ",
            "é", "\u{301}", "👩‍👩‍👧", "\u{FEFF}", "%s", ".format(", "%(a)s", "{0.a}",
        ], longest: 40, places: 1...6)

    /// Templates to damage: the chat templates, the constructs and some of the random ones.
    private static func seeds() throws -> [TemplateFixtures.Case] {
        let dialogues = try TemplateFixtures.cases("dialogues.jsonl")
        return try TemplateFixtures.cases("constructs.jsonl") + TemplateFixtures.cases("random.jsonl").prefix(200)
            + stride(from: 0, to: dialogues.count, by: 7).map { dialogues[$0] }
    }

    private static let count = Soak.mutants()

    @Test("Thousands of mutants render or are refused; none crashes or runs on")
    func survivesMutants() throws {
        let seeds = try Self.seeds()
        var random = SplitMix64(state: 20_240_726)
        var (rendered, refused) = (0, 0)
        for _ in 0..<Self.count {
            let seed = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            let other = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            let bytes = Self.mutation.mutant(
                of: Array(seed.template.utf8), donor: Array(other.template.utf8), using: &random)
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

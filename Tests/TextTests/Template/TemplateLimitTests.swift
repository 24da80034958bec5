import Diagnostics
import JSON
import Testing
import Text

@Suite("A hostile template ends in an error, not in a crash or a hang")
struct TemplateLimitTests {
    private func failure(_ source: String) -> Diagnostic? {
        do throws(Diagnostic) {
            var template = try JinjaTemplate(source, name: "t")
            template.limits.steps = 200_000
            template.limits.bytes = 1 << 24
            _ = try template.render([:])
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "Work without end",
        arguments: [
            "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
            "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
            "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
            "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "{{ range(100001) }}",
            "{{ range(0, 9223372036854775807, 1)|list }}",
            "{{ range(-9223372036854775807, 9223372036854775807) }}",
        ])
    func boundsWork(source: String) throws { #expect(failure(source) != nil) }

    @Test(
        "Text and lists without end",
        arguments: [
            "{{ 'x' * 9223372036854775807 }}", "{{ [1] * 999999999999 }}", "{{ 9223372036854775807 * 'xy' }}",
            "{% set n = namespace(s='x') %}{% for i in range(100) %}{% set n.s = n.s + n.s %}{% endfor %}",
            "{% set n = namespace(s=[1]) %}{% for i in range(100) %}{% set n.s = n.s + n.s %}{% endfor %}",
            "{{ ('x' * 100000)|replace('x', 'y' * 100000) }}", "{{ 'x'|center(99999999999) }}",
            "{{ 'x'.rjust(99999999999) }}",
            "{{ '%99999999999d' % 1 }}", "{{ '{:99999999999}'.format(1) }}",
            "{{ '{:.16000000f}{:.16000000f}'.format(1.0, 1.0) }}",
            "{{ [[[[1]]]]|tojson(indent=99999999999) }}", "{{ 'a\nb'|indent(99999999999) }}",
            "{{ [1]|batch(99999999999, 1)|list }}",
            "{{ [1]|slice(99999999999, 1)|list }}", "{{ 'a\t'.expandtabs(99999999999) }}",
            "{{ '1'.zfill(99999999999) }}",
            "{{ ('x' * 1000000).join(['a'] * 100000) }}", "{{ range(100000)|join('x' * 1000000) }}",
            "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}",
            "{% set n = namespace(s=(1,), t=(1,)) %}{% for i in range(60) %}{% set n.s = (n.s, n.s) %}{% set n.t = (n.t, n.t) %}{% endfor %}{{ n.s == n.t }}",
        ])
    func boundsMemory(source: String) throws { #expect(failure(source) != nil) }

    @Test(
        "Nesting without end",
        arguments: [
            String(repeating: "(", count: 20_000), String(repeating: "{{ [", count: 20_000),
            "{{ " + String(repeating: "-", count: 20_000) + "1 }}",
            "{{ " + String(repeating: "not ", count: 20_000) + "1 }}",
            "{{ 1" + String(repeating: "|abs", count: 20_000) + " }}",
            "{{ x" + String(repeating: ".y", count: 20_000) + " }}",
            "{{ " + String(repeating: "1 if 1 else ", count: 20_000) + "1 }}",
            "{{ 1" + String(repeating: " if 1", count: 20_000) + " }}",
            String(repeating: "{% if 1 %}", count: 20_000),
            "{% set n = namespace(s=[]) %}{% for i in range(99999) %}{% set n.s = [n.s] %}{% endfor %}",
            "{% set n = namespace(s={}) %}{% for i in range(99999) %}{% set n.s = {1: n.s} %}{% endfor %}",
            "{% set n = namespace(s=[1]) %}{% for i in range(99999) %}{% set n.s = n.s|map('upper') %}{% endfor %}{{ n.s|list }}",
            "{% set n = namespace(s=joiner()) %}{% for i in range(99999) %}{% set n.s = joiner([n.s]) %}{% endfor %}",
            "{% set n = namespace() %}{% set n.n = n %}{{ n }}", "{{ '{:{:{:{}}}}'.format(1, 2, 3, 4) }}",
        ])
    func boundsNesting(source: String) throws {
        let isTemplateText = source.hasPrefix("((((")
        #expect((failure(source) != nil) == !isTemplateText)
    }

    @Test("Long chains of operators and conditions are no nesting")
    func rendersLongChains() throws {
        let sum = "{{ 1" + String(repeating: " + 1", count: 20_000) + " }}"
        #expect(try JinjaTemplate(sum, name: "t").render([:]) == "20001")
        let text = "{{ 'a'" + String(repeating: " ~ 'b'", count: 20_000) + " }}"
        #expect(try JinjaTemplate(text, name: "t").render([:]).utf8.count == 20_001)
        let branches = "{% if x == 0 %}" + (1...5_000).map { "{% elif x == \($0) %}\($0)" }.joined() + "{% endif %}"
        #expect(try JinjaTemplate(branches, name: "t").render(["x": 5_000]) == "5000")
    }

    @Test("A long chain of namespaces, each held by the one before, is taken down without recursion")
    func releasesLinkedNamespaces() throws {
        let source = """
            {% set first = namespace() %}{% set at = namespace(now=first) %}{% for i in range(30000) %}\
            {% set new = namespace() %}{% set now = at.now %}{% set now.next = new %}{% set at.now = new %}{% endfor %}done
            """
        #expect(try JinjaTemplate(source, name: "t").render([:]) == "done")
    }

    @Test(
        "The arithmetic of 64 bits overflows into errors",
        arguments: [
            "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}", "{{ 9223372036854775807 * 2 }}",
            "{{ 2 ** 63 }}",
            "{{ (-9223372036854775807 - 1) // -1 }}", "{{ -(-9223372036854775807 - 1) }}",
            "{{ (-9223372036854775807 - 1)|abs }}", "{{ 1e300|int }}",
            "{{ 1e300|round|int }}", "{{ '99999999999999999999'|int }}", "{{ 2|round(400, 'ceil') }}",
        ])
    func refusesOverflow(source: String) { #expect(failure(source) != nil) }

    @Test(
        "Extreme indices are not traps",
        arguments: [
            "{{ 'abc'[9223372036854775807:] }}", "{{ 'abc'[-9223372036854775807 - 1:] }}",
            "{{ [1, 2][::9223372036854775807] }}",
            "{{ [1, 2][::-9223372036854775807 - 1] }}", "{{ range(3)[::9223372036854775807] }}",
            "{{ [1][9223372036854775807] }}",
            "{{ 'abc'[-9223372036854775807 - 1] }}",
            "{{ 'abc'.find('c', -9223372036854775807 - 1, 9223372036854775807) }}",
            "{{ (-9223372036854775807 - 1) % -1 }}", "{{ 1.5|round(9223372036854775807) }}",
            "{{ 1.5|round(-9223372036854775807) }}",
            "{{ 'a b'.split(none, 9223372036854775807) }}",
            "{{ 'a'|truncate(9223372036854775807, leeway=9223372036854775807) }}",
            "{{ 'aaa'.replace('a', 'b', 9223372036854775807) }}", "{{ 'a'.center(-9223372036854775807) }}",
            "{{ [1]|batch(-9223372036854775807)|list }}",
            "{{ [1]|slice(-9223372036854775807)|list }}", "{{ 'a'.zfill(-9223372036854775807 - 1) }}",
            "{{ '{0[99999999999999999999]}'.format([1]) }}",
            "{{ '%c' % 99999999999 }}", "{{ [3]|sum(start=9223372036854775800) }}",
        ])
    func toleratesExtremes(source: String) { _ = failure(source) }
}

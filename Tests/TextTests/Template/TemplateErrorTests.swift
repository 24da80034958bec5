import Diagnostics
import JSON
import Testing
import Text

@Suite("What is wrong with a template is said with its line and a way out")
struct TemplateErrorTests {
    private func failure(_ source: String, _ context: [String: JSONValue] = [:]) -> Diagnostic? {
        do throws(Diagnostic) {
            _ = try JinjaTemplate(source, name: "chat.jinja").render(context)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A construct that is lacking is named",
        arguments: [
            ("\n{% include 'x' %}", "the tag 'include'", 2), ("a\nb\n{% extends 'x' %}", "the tag 'extends'", 3),
            ("{% import 'x' as y %}", "the tag 'import'", 1), ("\n\n{{ x|urlize }}", "the filter 'urlize'", 3),
            ("{% nosuch %}", "the tag 'nosuch'", 1), ("{{ 1 is nosuch }}", "the test 'nosuch'", 1),
            ("\n{{ 'a'.encode() }}", "'encode' of a value of type 'str'", 2),
            ("{{ lipsum() }}", "the function 'lipsum'", 1),
            ("\n{% if true %}\n{{ 1|nosuch }}\n{% endif %}", "the filter 'nosuch'", 3),
            ("{{ self.x }}", "the variable 'self'", nil),
        ])
    func namesWhatIsLacking(source: String, construct: String, line: Int?) throws {
        let error = try #require(failure(source))
        #expect(error.category == .badData)
        #expect(error.message == "the template uses \(construct), which is not supported")
        #expect(error.location.file == "chat.jinja")
        #expect(error.location.line == line)
        #expect(error.remedy == "Give another template with --template FILE|NAME|raw")
    }

    @Test(
        "An error while rendering has the line of the innermost expression",
        arguments: [
            ("a\n{{ x.y }}", "'x' is undefined", 2),
            ("{{ 1 }}\n\n{{ 'a' + 1 }}", "'+' does not work between values of types 'str' and 'int'", 3),
            (
                "{% macro m() %}\n{{ none.a.b }}\n{% endmacro %}\n{{ m() }}",
                "a value of type 'NoneType' has no attribute 'a'", 2
            ),
            ("{{ [\n1,\n2][1:'x'] }}", "a slice takes integers, not a value of type 'str'", 3),
            ("\n{{ 9223372036854775807 + 1 }}", "an integer grows beyond 64 bits", 2),
        ])
    func locatesFailures(source: String, message: String, line: Int) throws {
        let error = try #require(failure(source))
        #expect(error.message == message)
        #expect(error.location.line == line)
    }

    @Test("The template's own refusal is passed on with its message")
    func passesOnRefusal() throws {
        let source =
            "{% if messages[0].role != 'user' %}\n{{ raise_exception('Begin with the user, not ' ~ messages[0].role ~ '.') }}{% endif %}"
        let error = try #require(failure(source, ["messages": [["role": "system"]]]))
        #expect(error.category == .badData)
        #expect(error.message == "the template refuses the messages: Begin with the user, not system")
        #expect(error.location == .init(file: "chat.jinja", line: 2))
        #expect(error.remedy.contains("--template FILE|NAME|raw"))
    }

    @Test(
        "A mistake in the syntax is an error when the template is read",
        arguments: [
            "{% if x %}", "{{ x", "{{ x }", "{% endif %}", "{{ 1 + }}", "{% for x y %}{% endfor %}", "{# x", "{{ 'x }}",
            "{{ ) }}",
            "{% raw %}x", "{% set 1 = 2 %}", "{% macro m(a, a) %}{% endmacro %}", "{% break %}", "{{ \u{7f} }}",
            "{{ '\\ud800' }}",
            "{{ 99999999999999999999 }}",
        ])
    func refusesBadSyntax(source: String) {
        #expect(throws: Diagnostic.self) { try JinjaTemplate(source, name: "t") }
    }
}

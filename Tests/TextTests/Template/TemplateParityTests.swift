import Diagnostics
import JSON
import Testing
import Text

@Suite("Templates render what jinja2 renders")
struct TemplateParityTests {
    /// What differs, as one line per case.
    private func differences(_ file: String) throws -> (count: Int, lines: [String]) {
        let cases = try TemplateFixtures.cases(file)
        var lines: [String] = []
        for item in cases {
            let rendered = Result { () throws(Diagnostic) in
                try JinjaTemplate(item.template, name: item.name).render(item.context, now: TemplateFixtures.time)
            }
            // Swift's == would let canonically equivalent strings pass.
            let isEqual = (try? rendered.get()).map { Array($0.utf8) } == item.output.map { Array($0.utf8) }
            if !isEqual {
                lines.append(
                    "\(item.name): \(item.template.debugDescription) gives \(rendered), not \(item.output ?? "an error")"
                )
            }
        }
        return (cases.count, lines)
    }

    @Test(
        "Every construct, every chat template with every dialogue, and random templates",
        arguments: [("constructs.jsonl", 500), ("dialogues.jsonl", 500), ("random.jsonl", 400)])
    func equalsReference(file: String, atLeast: Int) throws {
        let (count, lines) = try differences(file)
        #expect(count >= atLeast)
        #expect(lines == [], "\(lines.count) of \(count) differ")
    }
}

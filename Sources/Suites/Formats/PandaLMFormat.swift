import Diagnostics
import Experiment
import JSON

/// PandaLM's test set: `instruction`, `input`, `response1`, `response2`, `annotator1`…`3` with 0 tie, 1 first, 2 second.
enum PandaLMFormat {
    static let format =
        "A row of pandalm has idx, instruction, input, response1, response2 and annotator1 to annotator3 (0, 1 or 2)"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.pandaLM, options, emptyResponses: .exclude)
        try builder.readRows(at: path, format: format) { (builder, row, _) throws(Diagnostic) in
            try add(row, to: &builder)
        }
        return try builder.finish(path: path) { $0.accuracies(.preference(nil)) }
    }

    private static func add(_ row: SuiteRecord, to builder: inout SuiteBuilder) throws(Diagnostic) {
        let id = try row.identifier("idx")
        guard let label = try majority(row) else {
            return builder.exclude(row, because: "the annotators have no majority")
        }
        guard label != 0 else { return builder.exclude(row, because: "most annotators call it a tie") }
        // Some published responses are the word "true" that was turned into a boolean on the way; which text it was is lost.
        guard try isText(row, "response1"), try isText(row, "response2") else {
            return builder.exclude(row, because: "a response is a boolean instead of text")
        }
        let candidates = [try row.candidate("response\(label)"), try row.candidate("response\(3 - label)")]
        guard try builder.accepts(row, candidates) else { return }
        let prompt = try prompt(row)
        let group = Group(id: id, prompt: .text(prompt), responses: candidates.map(\.text), source: row.source)
        try builder.add(SuiteItem(group: group, subset: "PandaLM", cluster: prompt, correctCount: 1), from: row)
    }

    /// The label that at least two annotators gave.
    private static func majority(_ row: SuiteRecord) throws(Diagnostic) -> Int? {
        var labels: [Int] = []
        for field in ["annotator1", "annotator2", "annotator3"] {
            let label = try row.integer(field)
            guard (0...2).contains(label) else {
                throw row.failure("an annotator's label should be 0, 1 or 2, this is \(label)", field: field)
            }
            labels.append(label)
        }
        return (0...2).first { label in labels.count { $0 == label } >= 2 }
    }

    private static func isText(_ row: SuiteRecord, _ field: String) throws(Diagnostic) -> Bool {
        try row.member(field).boolValue == nil
    }

    /// The instruction, and below it the input where there is one.
    private static func prompt(_ row: SuiteRecord) throws(Diagnostic) -> String {
        let instruction = try row.string("instruction")
        let input = row.optional("input") == nil ? "" : try row.string("input")
        return input.isEmpty ? instruction : "\(instruction)\n\n\(input)"
    }
}

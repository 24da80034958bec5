import Diagnostics
import Experiment

/// Anthropic's persona evaluations: `question`, `answer_matching_behavior`, `answer_not_matching_behavior`; a file a behaviour.
enum PersonaFormat {
    static let format = "A row of persona has question, answer_matching_behavior and answer_not_matching_behavior"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.persona, options)
        try builder.readRows(at: path, format: format) { (builder, row, file) throws(Diagnostic) in
            let (item, candidates) = try row.preference(
                id: "\(file.name):\(row.line)", subset: file.name, cluster: nil, chosen: "answer_matching_behavior",
                rejected: "answer_not_matching_behavior", prompt: "question")
            if try builder.accepts(row, candidates) { try builder.add(item, from: row) }
        }
        return try builder.finish(path: path) { $0.accuracies(.preference(nil)) }
    }
}

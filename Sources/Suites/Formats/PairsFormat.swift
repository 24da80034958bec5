import Diagnostics
import Experiment
import Text

/// Any preference rows: `prompt`, `chosen`, `rejected`, each response a string or a list; optional `id` and `subset`.
enum PairsFormat {
    static let format = "A row of pairs has prompt, chosen and rejected (a string or a list of strings each)"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.pairs, options)
        try builder.readRows(at: path, format: format) { (builder, row, file) throws(Diagnostic) in
            try add(row, of: file, to: &builder)
        }
        return try builder.finish(path: path) { $0.accuracies(.preference(nil)) }
    }

    private static func add(_ row: SuiteRecord, of file: DataFile, to builder: inout SuiteBuilder) throws(Diagnostic) {
        let subset = row.optional("subset") == nil ? file.name : try row.string("subset")
        let id = row.optional("id") == nil ? "\(file.name):\(row.line)" : try row.identifier("id")
        let item = try row.preference(id: id, subset: subset, cluster: nil, chosen: "chosen", rejected: "rejected")
        if try builder.accepts(row, item.candidates) { try builder.add(item.item, from: row) }
    }
}

extension SuiteRecord {
    /// An item of `prompt` with chosen and rejected responses, and its responses with their places.
    ///
    /// - Parameter cluster: the unit of independence; `nil` takes the prompt's text.
    func preference(
        id: String, subset: String, cluster: String?, chosen: String, rejected: String, prompt field: String = "prompt"
    ) throws(Diagnostic) -> (item: SuiteItem, candidates: [Candidate]) {
        let prompt = try prompt(field)
        let better = try candidates(chosen)
        let candidates = better + (try candidates(rejected))
        let group = Group(id: id, prompt: prompt, responses: candidates.map(\.text), source: source)
        let item = SuiteItem(
            group: group, subset: subset, cluster: cluster ?? prompt.cluster, correctCount: better.count)
        return (item, candidates)
    }
}

extension Prompt {
    /// The prompt as one text, by which rows of one prompt are known.
    var cluster: String {
        switch self {
        case .text(let text): text
        case .messages(let messages): messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n")
        }
    }
}

extension Roster {
    /// A line for each subset, and one for all where there are several.
    func accuracies(_ measure: Measure) -> [Metric] {
        let lines = subsets.map { Metric.mean("accuracy", $0, measure, units($0)) }
        return subsets.count > 1 ? lines + [.mean("accuracy", "overall", measure, all)] : lines
    }

    /// The plain mean of several subsets' means, each an equal part whatever its size; subsets that are not there are left out.
    func parts(_ names: [String], _ measure: Measure) -> [Metric.Part] {
        names.filter { !indices($0).isEmpty }.map { Metric.Part(measure: measure, units: units($0)) }
    }
}

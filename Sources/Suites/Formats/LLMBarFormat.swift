import Diagnostics
import Experiment

/// LLMBar: arrays of `input`, `output_1`, `output_2`, `label`; subsets by folder (`Natural`, `Adversarial/Neighbor`, …).
enum LLMBarFormat {
    static let format = "A row of llmbar has input, output_1, output_2 and label (1 or 2)"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.llmBar, options)
        try builder.readRows(at: path, format: format) { (builder, row, file) throws(Diagnostic) in
            try add(row, subset(of: file), to: &builder)
        }
        return try builder.finish(path: path, metrics: metrics)
    }

    /// The folders around a `dataset.json`; another file's own name.
    private static func subset(of file: DataFile) -> String {
        let parts = file.components
        guard parts.last == "dataset", parts.count > 1 else { return file.name }
        let folder = parts[parts.count - 2]
        return parts.count > 2 && parts[parts.count - 3] == "Adversarial" ? "Adversarial/\(folder)" : folder
    }

    private static func add(_ row: SuiteRecord, _ subset: String, to builder: inout SuiteBuilder) throws(Diagnostic) {
        let label = try row.integer("label")
        guard label == 1 || label == 2 else {
            throw row.failure("the label should be 1 or 2, this is \(label)", field: "label")
        }
        let (item, candidates) = try row.preference(
            id: "\(subset):\(row.line)", subset: subset, cluster: nil, chosen: "output_\(label)",
            rejected: "output_\(3 - label)", prompt: "input")
        if try builder.accepts(row, candidates) { try builder.add(item, from: row) }
    }

    private static func metrics(_ roster: Roster) -> [Metric] {
        let adversarial = roster.subsets.filter { $0.hasPrefix("Adversarial/") }
        guard adversarial.count > 1 else { return roster.accuracies(.preference(nil)) }
        return roster.accuracies(.preference(nil)) + [
            .weightedMean("mean of subsets", "Adversarial", roster.parts(adversarial, .preference(nil)))
        ]
    }
}

import Diagnostics
import Experiment

/// The same pairs as written, paraphrased and translated: files of `prompt`, `chosen`, `rejected`; shifted ones add
/// `orig_chosen`, `orig_rejected` and `orig_index`, so that one alone gives the paired rows.
enum ShiftFormat {
    static let format =
        "A row of shift has prompt, chosen and rejected, and in shifted files orig_chosen, orig_rejected and orig_index"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.shift, options)
        var originals: [Original: String] = [:]
        let files = try FileTree.dataFiles(at: path)
        // Files of originals come first, so that shifted rows find the pair that is scored already.
        try builder.readRows(of: files, format: format) { (builder, row, file) throws(Diagnostic) in
            if !isShifted(row) { try addOriginal(row, of: file, to: &builder, &originals) }
        }
        try builder.readRows(of: files, format: format) { (builder, row, file) throws(Diagnostic) in
            if isShifted(row) { try addShifted(row, of: file, to: &builder, &originals) }
        }
        return try builder.finish(path: path, metrics: metrics)
    }

    private static func isShifted(_ row: SuiteRecord) -> Bool {
        row.optional("orig_chosen") != nil || row.optional("orig_rejected") != nil
    }

    /// An original pair, by which the rows of several files find that they share it.
    private struct Original: Hashable {
        var prompt: Prompt
        var responses: [String]
    }

    private static func addOriginal(
        _ row: SuiteRecord, of file: DataFile, to builder: inout SuiteBuilder, _ originals: inout [Original: String]
    ) throws(Diagnostic) {
        let id = "\(file.name):\(row.line)"
        let (item, candidates) = try row.preference(
            id: id, subset: file.name, cluster: nil, chosen: "chosen", rejected: "rejected")
        guard try builder.accepts(row, candidates) else { return }
        try builder.add(item, from: row)
        originals[Original(prompt: item.group.prompt, responses: item.group.responses)] = id
    }

    private static func addShifted(
        _ row: SuiteRecord, of file: DataFile, to builder: inout SuiteBuilder, _ originals: inout [Original: String]
    ) throws(Diagnostic) {
        _ = try row.integer("orig_index")
        let id = "\(file.name):\(row.line)"
        var (item, candidates) = try row.preference(
            id: id, subset: file.name, cluster: nil, chosen: "chosen", rejected: "rejected")
        let (original, written) = try row.preference(
            id: "\(id) original", subset: "\(file.name) originals", cluster: nil, chosen: "orig_chosen",
            rejected: "orig_rejected")
        guard try builder.accepts(row, candidates + written) else { return }
        let key = Original(prompt: original.group.prompt, responses: original.group.responses)
        item.counterpart = originals[key] ?? original.group.id
        if originals[key] == nil {
            originals[key] = original.group.id
            try builder.add(original, from: row)
        }
        try builder.add(item, from: row)
    }

    private static func metrics(_ roster: Roster) -> [Metric] {
        let shifted = roster.subsets.filter { roster.items[roster.indices($0)[0]].counterpart != nil }
        let originals = roster.subsets.filter { !shifted.contains($0) }
        return originals.flatMap { lines(roster.indices($0), $0) }
            + shifted.flatMap { Self.metrics(roster, shifted: $0) }
    }

    private static func metrics(_ roster: Roster, shifted name: String) -> [Metric] {
        let items = roster.indices(name)
        let paired = items.compactMap { index in roster.counterpart(of: index).map { [$0, index] } }
        return lines(items, name) + [.mean("accuracy drop", name, .drop, paired)]
    }

    private static func lines(_ items: [Int], _ name: String) -> [Metric] {
        [
            .mean("accuracy", name, .preference(nil), items.map { [$0] }),
            Metric(name: "margin / sd (plain)", subset: name, quantity: .normalizedMargin(items: items, .plain)),
            Metric(
                name: "margin / sd (within prompt)", subset: name,
                quantity: .normalizedMargin(items: items, .withinPrompt)),
        ]
    }
}

import Diagnostics
import Experiment
import JSON

/// RM-Bench: rows with `id`, `prompt`, `chosen[3]`, `rejected[3]`, each ordered concise, detailed, detailed with markdown.
enum RMBenchFormat {
    static let format = "A row of rm-bench has id, prompt, chosen and rejected (three strings each), and perhaps domain"

    /// The domains of the source, each with its files.
    static let domains: [(name: String, files: [String])] = [
        ("chat", ["chat"]), ("math", ["math"]), ("code", ["code"]), ("safety", ["safety-refuse", "safety-response"]),
    ]

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.rmBench, options)
        try builder.readRows(of: try files(at: path), format: format) { (builder, row, file) throws(Diagnostic) in
            try add(row, of: file, to: &builder)
        }
        let present = Set(builder.items.map(\.subset))
        let absent = domains.flatMap(\.files).filter { !present.contains($0) }
        if !absent.isEmpty { builder.notes = ["not in the data: \(absent.joined(separator: ", "))"] }
        return try builder.finish(path: path, metrics: metrics)
    }

    /// The domains' files; the file that holds all of them again counts only where it is alone.
    private static func files(at path: String) throws(Diagnostic) -> [DataFile] {
        let all = try FileTree.dataFiles(at: path)
        let ofDomains = all.filter { domain(of: $0) != nil }
        return ofDomains.isEmpty ? all : ofDomains
    }

    private static func domain(of file: DataFile) -> String? {
        let name = file.components.last ?? ""
        return domains.flatMap(\.files).first { name == $0 || name.hasPrefix($0 + "_") }
    }

    private static func add(_ row: SuiteRecord, of file: DataFile, to builder: inout SuiteBuilder) throws(Diagnostic) {
        let subset = try domain(of: row, in: file)
        var (item, candidates) = try row.preference(
            id: "\(subset)/\(try row.identifier("id"))", subset: subset, cluster: nil, chosen: "chosen",
            rejected: "rejected")
        guard item.correctCount == 3, candidates.count == 6 else {
            throw row.failure(
                "three chosen and three rejected responses should be here, these are \(item.correctCount) and \(candidates.count - item.correctCount)",
                field: item.correctCount == 3 ? "rejected" : "chosen")
        }
        item.comparisons = comparisons
        item.group.id = builder.unusedId(
            item.group.id, row, prompt: item.group.prompt, responses: item.group.responses)
        if try builder.accepts(row, candidates) { try builder.add(item, from: row) }
    }

    private static func domain(of row: SuiteRecord, in file: DataFile) throws(Diagnostic) -> String {
        let known = domains.flatMap(\.files)
        let named = row.optional("domain")?.stringValue
        if let named, let domain = known.first(where: { named == $0 || named.hasPrefix($0 + "_") }) { return domain }
        if let domain = domain(of: file) { return domain }
        throw row.failure(
            named.map { "there is no domain '\($0)' in RM-Bench" }
                ?? "neither the row nor the file's name says the domain",
            field: "domain", remedy: "The domains are \(known.joined(separator: ", "))")
    }

    /// Style i of the chosen against style j of the rejected responses.
    private static let comparisons: [Comparison] = (0..<3).flatMap { chosen in
        (0..<3).map { rejected in
            let difficulty: Comparison.Difficulty =
                chosen < rejected ? .hard : (chosen == rejected ? .normal : .easy)
            return Comparison(preferred: chosen, other: 3 + rejected, difficulty: difficulty)
        }
    }

    private static let lines: [(name: String, measure: Measure)] =
        Comparison.Difficulty.allCases.map { ($0.rawValue, .preference($0)) } + [("accuracy", .preference(nil))]

    private static func metrics(_ roster: Roster) -> [Metric] {
        let present = domains.filter { $0.files.contains { !roster.indices($0).isEmpty } }
        let share = 1 / Double(present.count)
        let byDomain = present.flatMap { domain in Self.metrics(roster, domain.name, domain.files, weight: share) }
        guard present.count > 1 else { return byDomain }
        return byDomain
            + lines.map { .weightedMean($0.name, "overall", parts(roster, present.map(\.files), $0.measure)) }
    }

    /// A domain's four lines, those of its files first where it has two.
    private static func metrics(
        _ roster: Roster, _ domain: String, _ files: [String], weight: Double
    ) -> [Metric] {
        let present = files.filter { !roster.indices($0).isEmpty }
        let ofFiles =
            files.count == 1
            ? []
            : present.flatMap { file in
                lines.map { Metric.mean($0.name, file, $0.measure, roster.units(file)) }
            }
        return ofFiles
            + lines.map {
                .weightedMean(
                    $0.name, domain, parts(roster, [files], $0.measure), weight: $0.name == "accuracy" ? weight : nil)
            }
    }

    /// Each domain an equal part, shared equally by those of its files that are there.
    private static func parts(_ roster: Roster, _ domains: [[String]], _ measure: Measure) -> [Metric.Part] {
        domains.flatMap { files in
            var parts = roster.parts(files, measure)
            for index in parts.indices { parts[index].weight = 1 / Double(parts.count) }
            return parts
        }
    }
}

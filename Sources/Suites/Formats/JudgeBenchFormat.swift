import Diagnostics
import Experiment
import JSON

/// JudgeBench: rows with `pair_id`, `source`, `question`, `response_A`, `response_B`, `label`; output files add `judgments`.
enum JudgeBenchFormat {
    static let format =
        "A row of judgebench has pair_id, source, question, response_A, response_B and label (A>B or B>A), and in output files judgments"

    /// The groups of sources that the source reports.
    static let sources = ["mmlu-pro", "livebench-reasoning", "livebench-math", "livecodebench"]

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.judgeBench, options, emptyResponses: .exclude)
        var voted = 0
        try builder.readRows(at: path, format: format) { (builder, row, _) throws(Diagnostic) in
            if try add(row, to: &builder) { voted += 1 }
        }
        if voted > 0 {
            builder.notes = ["\(voted) rows without one pair of scores are decided by the judge's votes in both orders"]
        }
        return try builder.finish(path: path, metrics: metrics)
    }

    /// - Returns: whether the row's recorded scores are votes.
    private static func add(_ row: SuiteRecord, to builder: inout SuiteBuilder) throws(Diagnostic) -> Bool {
        let label = try row.string("label")
        guard label == "A>B" || label == "B>A" else {
            throw row.failure("the label should be A>B or B>A, this is '\(label)'", field: "label")
        }
        let isA = label == "A>B"
        let (item, candidates) = try row.preference(
            id: try row.identifier("pair_id"), subset: try row.string("source"), cluster: nil,
            chosen: isA ? "response_A" : "response_B", rejected: isA ? "response_B" : "response_A", prompt: "question")
        var scored = item
        let judgments = try judgments(row)
        scored.recorded = judgments.map { isA ? $0.scores : $0.scores.reversed() }
        guard try builder.accepts(row, candidates) else { return false }
        try builder.add(scored, from: row)
        return judgments?.isVoted ?? false
    }

    private static func judgments(_ row: SuiteRecord) throws(Diagnostic) -> JudgeBenchJudgments? {
        guard row.optional("judgments") != nil else { return nil }
        return try JudgeBenchJudgments(row.array("judgments")) { row.failure($0, field: $1) }
    }

    private static func metrics(_ roster: Roster) -> [Metric] {
        var lines: [Metric] = []
        for group in sources {
            let members = roster.subsets.filter { $0 == group || $0.hasPrefix(group + "-") }
            guard !members.isEmpty else { continue }
            lines.append(.mean("accuracy", group, .preference(nil), members.flatMap(roster.units)))
            lines += members.filter { $0 != group }.sorted().map {
                .mean("accuracy", $0, .preference(nil), roster.units($0), isDetail: true)
            }
        }
        let known = Set(lines.map(\.subset))
        lines += roster.subsets.filter { !known.contains($0) }.map {
            .mean("accuracy", $0, .preference(nil), roster.units($0))
        }
        return lines + [.mean("accuracy", "overall", .preference(nil), roster.all)]
    }
}

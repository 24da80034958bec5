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
            if try add(row, to: &builder) == .votes { voted += 1 }
        }
        if voted > 0 {
            builder.notes = ["\(voted) rows without one pair of scores are decided by the judge's votes in both orders"]
        }
        return try builder.finish(path: path, metrics: metrics)
    }

    /// Where a row's recorded scores come from.
    private enum Record { case none, scores, votes }

    private static func add(_ row: SuiteRecord, to builder: inout SuiteBuilder) throws(Diagnostic) -> Record {
        let label = try row.string("label")
        guard label == "A>B" || label == "B>A" else {
            throw row.failure("the label should be A>B or B>A, this is '\(label)'", field: "label")
        }
        let isA = label == "A>B"
        let (item, candidates) = try row.preference(
            id: try row.identifier("pair_id"), subset: try row.string("source"), cluster: nil,
            chosen: isA ? "response_A" : "response_B", rejected: isA ? "response_B" : "response_A", prompt: "question")
        var scored = item
        var record = Record.none
        if row.optional("judgments") != nil {
            let judgments = try JudgeBenchJudgments(row)
            record = judgments.scores == nil ? .votes : .scores
            let (a, b) = judgments.scores ?? judgments.votes
            scored.recorded = isA ? [a, b] : [b, a]
        }
        guard try builder.accepts(row, candidates) else { return .none }
        try builder.add(scored, from: row)
        return record
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

/// A judge's judgments of a pair: one as the responses stand, and perhaps a second with their order reversed.
private struct JudgeBenchJudgments {
    /// The scores of A and B, where the judge gave the same ones in each order.
    private(set) var scores: (Double, Double)?
    /// How many judgments prefer A and how many B: the source calls the majority's choice, and a draw a failure.
    private(set) var votes = (0.0, 0.0)

    init(_ row: SuiteRecord) throws(Diagnostic) {
        let judgments = try row.array("judgments")
        guard judgments.count == 1 || judgments.count == 2 else {
            throw row.failure("one or two judgments should be here, these are \(judgments.count)", field: "judgments")
        }
        var found: [(Double, Double)] = []
        for (index, judgment) in judgments.enumerated() {
            let field = "judgments[\(index)]"
            let isReversed = index == 1
            if let pair = try Self.scores(judgment, row, field) { found.append(isReversed ? (pair.1, pair.0) : pair) }
            try vote(judgment, row, field, isReversed: isReversed)
        }
        if found.count == judgments.count, found.allSatisfy({ $0 == found[0] }) { scores = found.first }
    }

    private static func scores(
        _ judgment: JSONValue, _ row: SuiteRecord, _ field: String
    ) throws(Diagnostic) -> (Double, Double)? {
        guard let elements = judgment["judgment"]?["scores"]?.arrayValue else { return nil }
        let place = "\(field).judgment.scores"
        guard elements.count == 2 else {
            throw row.failure("two scores should be here, these are \(elements.count)", field: place)
        }
        return (try row.score(elements[0], field: "\(place)[0]"), try row.score(elements[1], field: "\(place)[1]"))
    }

    /// Counts a judgment's decision; a judge that failed (null) or called a tie has no vote.
    private mutating func vote(
        _ judgment: JSONValue, _ row: SuiteRecord, _ field: String, isReversed: Bool
    ) throws(Diagnostic) {
        guard !judgment.isNull, let decision = judgment["decision"], !decision.isNull else { return }
        switch decision.stringValue {
        case "A>B": if isReversed { votes.1 += 1 } else { votes.0 += 1 }
        case "B>A": if isReversed { votes.0 += 1 } else { votes.1 += 1 }
        case "A=B", "B=A": return
        default:
            throw row.failure("the decision should be A>B, B>A, A=B or null", field: "\(field).decision")
        }
    }
}

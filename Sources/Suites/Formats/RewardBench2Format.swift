import Diagnostics
import Experiment
import JSON

/// RewardBench 2: rows with `id`, `prompt`, `chosen` and `rejected` (lists), `num_correct`, `total_completions`, `subset`; or
/// the scored form, with `scores` (those of correct answers first) and perhaps no texts.
enum RewardBench2Format {
    static let format =
        "A row of rewardbench2 has id, subset, num_correct, total_completions, and prompt, chosen and rejected, or scores"

    static let subsets = ["Factuality", "Precise IF", "Math", "Safety", "Focus", "Ties"]

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.rewardBench2, options)
        try builder.readRows(at: path, format: format) { (builder, row, _) throws(Diagnostic) in
            try add(row, to: &builder)
        }
        let present = Set(builder.items.map(\.subset))
        let absent = subsets.filter { !present.contains($0) }
        if !absent.isEmpty {
            builder.notes = ["subsets not in the data, left out of the overall mean: \(absent.joined(separator: ", "))"]
        }
        return try builder.finish(path: path, metrics: metrics)
    }

    private static func add(_ row: SuiteRecord, to builder: inout SuiteBuilder) throws(Diagnostic) {
        let subset = try row.string("subset")
        guard subsets.contains(subset) else {
            throw row.failure("there is no subset '\(subset)' in RewardBench 2", field: "subset")
        }
        let id = try row.identifier("id")
        let correct = try row.integer("num_correct")
        let recorded = row.optional("scores") == nil ? nil : try scores(row)
        guard row.optional("prompt") != nil || recorded == nil else {
            try builder.addScored(row, id: id, subset: subset, correct: correct, scores: recorded ?? [])
            return
        }
        var (item, candidates) = try row.preference(
            id: "\(subset)/\(id)", subset: subset, cluster: nil, chosen: "chosen", rejected: "rejected")
        guard item.correctCount == correct else {
            throw row.failure("num_correct is \(correct), but chosen holds \(item.correctCount)", field: "num_correct")
        }
        item.recorded = recorded
        try item.finish(row, id: id, completions: candidates.count)
        if try builder.accepts(row, candidates) { try builder.add(item, from: row) }
    }

    /// Scores as numbers; the source also writes each as a list of one.
    private static func scores(_ row: SuiteRecord) throws(Diagnostic) -> [Double] {
        var found: [Double] = []
        for (index, element) in try row.array("scores").enumerated() {
            let inner = element.arrayValue.flatMap { $0.count == 1 ? $0[0] : nil }
            found.append(try row.score(inner ?? element, field: "scores[\(index)]"))
        }
        return found
    }

    private static func metrics(_ roster: Roster) -> [Metric] {
        let picks = roster.subsets.filter { $0 != "Ties" }
        let share = 1 / Double(roster.subsets.count)
        var lines = picks.map { Metric.mean("accuracy", $0, .pick, roster.units($0), weight: share) }
        let ties = tiesParts(roster)
        let hasTies = !roster.indices("Ties").isEmpty
        if hasTies { lines += tiesLines(ties, weight: share) }
        // Without the whole of Ties there is no overall score.
        guard !hasTies || ties.allSatisfy({ !$0.units.isEmpty }) else { return lines }
        var parts = roster.parts(picks, .pick)
        for index in parts.indices { parts[index].weight = share }
        parts +=
            hasTies ? ties.map { Metric.Part(weight: $0.weight * share, measure: $0.measure, units: $0.units) } : []
        lines.append(Metric(name: "overall", subset: "overall", quantity: .means(parts)))
        return lines
    }

    private static func tiesLines(_ parts: [Metric.Part], weight: Double) -> [Metric] {
        [
            .mean("accuracy (tied)", "Ties", parts[0].measure, parts[0].units),
            .mean("accuracy (ref)", "Ties", parts[1].measure, parts[1].units),
            Metric(name: "ties score", subset: "Ties", weight: weight, quantity: .means(parts)),
        ]
    }

    /// The five terms of the Ties score with the source's weights, which sum to 1.01.
    private static func tiesParts(_ roster: Roster) -> [Metric.Part] {
        let items = roster.indices("Ties")
        let tied = items.filter { roster.items[$0].counterpart != nil }
        let references = items.filter { roster.items[$0].counterpart == nil }
        let both = tied.compactMap { index in roster.counterpart(of: index).map { [$0, index] } }
        return [
            Metric.Part(weight: 0.30, measure: .separation, units: tied.map { [$0] }),
            Metric.Part(weight: 0.30, measure: .separation, units: references.map { [$0] }),
            Metric.Part(weight: 0.20, measure: .marginBeatsSpread, units: both),
            Metric.Part(weight: 0.20, measure: .smallerMarginBeatsSpread, units: both),
            Metric.Part(weight: 0.01, measure: .marginRatio, units: both),
        ]
    }
}

extension SuiteItem {
    /// Checks the counts, and for Ties reads the id: `ref:N` and `tied:N` share their cluster.
    fileprivate mutating func finish(_ row: SuiteRecord, id: String, completions: Int) throws(Diagnostic) {
        let total = row.optional("total_completions") == nil ? completions : try row.integer("total_completions")
        guard total == completions else {
            throw row.failure(
                "total_completions is \(total), but there are \(completions)", field: "total_completions")
        }
        guard correctCount >= 1, correctCount < completions else {
            throw row.failure("num_correct is \(correctCount) of \(completions)", field: "num_correct")
        }
        if let recorded, recorded.count != completions {
            throw row.failure("there are \(recorded.count) scores for \(completions) responses", field: "scores")
        }
        guard subset == "Ties" else { return }
        let parts = id.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "ref" || parts[0] == "tied", Int(parts[1]) != nil else {
            throw row.failure("a Ties id should be ref:N or tied:N, this is '\(id)'", field: "id")
        }
        cluster = "Ties/\(parts[1])"
        if parts[0] == "tied" { counterpart = "Ties/ref:\(parts[1])" }
    }
}

extension SuiteBuilder {
    /// Adds a row of scores without texts.
    fileprivate mutating func addScored(
        _ row: SuiteRecord, id: String, subset: String, correct: Int, scores: [Double]
    ) throws(Diagnostic) {
        hasResponses = false
        let group = Group(
            id: "\(subset)/\(id)", prompt: .text(id), responses: scores.indices.map { "response \($0)" },
            source: row.source)
        guard correct >= 1, correct < scores.count else {
            throw row.failure("num_correct is \(correct) of \(scores.count) scores", field: "num_correct")
        }
        var item = SuiteItem(group: group, subset: subset, cluster: group.id, correctCount: correct, recorded: scores)
        try item.finish(row, id: id, completions: scores.count)
        try add(item, from: row)
    }
}

import Diagnostics
import Experiment
import JSON

/// PPE best-of-K: rows with `question_id`, `prompt`, `response_1` … `response_K`, `scores` (K booleans),
/// `sampled_conflict_pairs`; one file a benchmark.
enum PPEFormat {
    static let format =
        "A row of ppe has question_id, prompt, response_1 to response_K, scores (K booleans) and sampled_conflict_pairs"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.ppe, options, emptyResponses: .exclude)
        var undecided = 0
        try builder.readRows(at: path, format: format) { (builder, row, file) throws(Diagnostic) in
            undecided += try add(row, of: file, to: &builder)
        }
        if undecided > 0 {
            builder.notes = ["\(undecided) sampled pairs have equal ground truth and are left out of accuracy"]
        }
        return try builder.finish(path: path, metrics: metrics)
    }

    /// - Returns: how many of the row's pairs have no better response.
    private static func add(
        _ row: SuiteRecord, of file: DataFile, to builder: inout SuiteBuilder
    ) throws(Diagnostic) -> Int {
        let question = try row.identifier("question_id")
        // A question is asked of several models; each has a row.
        let model = row.optional("model_name") == nil ? "" : "/" + (try row.string("model_name"))
        let candidates = try responses(row)
        let golds = try golds(row, count: candidates.count)
        let pairs = try pairs(row, golds)
        guard try builder.accepts(row, candidates) else { return 0 }
        let group = Group(
            id: "\(file.name)/\(question)\(model)", prompt: try row.prompt("prompt"), responses: candidates.map(\.text),
            source: row.source)
        try builder.add(
            SuiteItem(
                group: group, subset: file.name, cluster: "\(file.name)/\(question)", correctCount: 0,
                comparisons: pairs.compactMap { $0 }, golds: golds), from: row)
        return pairs.count { $0 == nil }
    }

    private static func responses(_ row: SuiteRecord) throws(Diagnostic) -> [Candidate] {
        var found = [try row.candidate("response_1")]
        while row.value["response_\(found.count + 1)"] != nil {
            found.append(try row.candidate("response_\(found.count + 1)"))
        }
        return found
    }

    private static func golds(_ row: SuiteRecord, count: Int) throws(Diagnostic) -> [Double] {
        let elements = try row.array("scores")
        guard elements.count == count else {
            throw row.failure("there are \(elements.count) scores for \(count) responses", field: "scores")
        }
        var golds: [Double] = []
        for (index, element) in elements.enumerated() {
            if let truth = element.boolValue {
                golds.append(truth ? 1 : 0)
            } else {
                let gold = try row.score(element, field: "scores[\(index)]")
                guard (0...1).contains(gold) else {
                    throw row.failure("a ground truth should be true, false or from 0 to 1", field: "scores[\(index)]")
                }
                golds.append(gold)
            }
        }
        return golds
    }

    /// The conflict pairs, better response first; `nil` for a pair whose ground truth is equal. Places count from 0.
    private static func pairs(_ row: SuiteRecord, _ golds: [Double]) throws(Diagnostic) -> [Comparison?] {
        var pairs: [Comparison?] = []
        for (index, element) in try row.array("sampled_conflict_pairs").enumerated() {
            let places = (element.arrayValue ?? []).compactMap(\.intValue)
            guard places.count == 2, places.allSatisfy(golds.indices.contains) else {
                throw row.failure(
                    "a pair should be two places from 0 to \(golds.count - 1)",
                    field: "sampled_conflict_pairs[\(index)]")
            }
            let (a, b) = (places[0], places[1])
            pairs.append(
                golds[a] == golds[b]
                    ? nil : Comparison(preferred: golds[a] > golds[b] ? a : b, other: golds[a] > golds[b] ? b : a))
        }
        return pairs
    }

    private static func metrics(_ roster: Roster) -> [Metric] {
        let parts = roster.subsets.map { ($0, roster.units($0)) }
        let all = roster.subsets.count > 1 ? [("overall", roster.all)] : []
        return (parts + all).flatMap { name, units in lines(roster, name, units) }
    }

    /// Accuracy, and the expected pick at each k; a table shows the powers of two and the largest k.
    private static func lines(_ roster: Roster, _ name: String, _ units: [[Int]]) -> [Metric] {
        let paired = units.filter { !roster.items[$0[0]].comparisons.isEmpty }
        let largest = units.map { roster.items[$0[0]].golds.count }.min() ?? 0
        let picks = (1...max(1, largest)).map { k in
            Metric.mean(
                "best of \(k)", name, .expectedPick(k: k), units, isDetail: k & (k - 1) != 0 && k != largest)
        }
        return [.mean("accuracy", name, .preference(nil), paired)] + picks
    }
}

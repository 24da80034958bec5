import Diagnostics
import Experiment
import JSON

extension RecordReader {
    /// Our own output row.
    mutating func rowRecord(_ fields: RecordFields) throws(Diagnostic) -> Record {
        let values = try fields.array("scores", remedy: "Give 'id' and 'scores', as assay score writes them")
        let id = try fields.requiredID("id")
        let scores = try scores(values, fields, at: "scores")
        let count = scores.count
        return Record(
            location: fields.location, id: id, index: fields.index, scores: scores,
            tokens: try fields.parallel("tokens", count: count, "integers") { value, _ in value.intValue },
            truncated: try fields.parallel("truncated", count: count, "booleans") { value, _ in value.boolValue },
            perToken: try fields.parallel("per_token", count: count, "lists of numbers") {
                (value, place) throws(Diagnostic) -> [Double]? in
                try numbers(value, fields, at: place)
            })
    }

    private func numbers(_ value: JSONValue, _ fields: RecordFields, at place: String) throws(Diagnostic) -> [Double]? {
        guard let values = value.arrayValue else { return nil }
        var numbers: [Double] = []
        for (index, value) in values.enumerated() {
            numbers.append(try fields.number(value, at: "\(place)[\(index)]"))
        }
        return numbers
    }

    /// An element of a RewardMATH result file; it has no id and is known by its problem's text.
    mutating func rewardMathRecord(_ fields: RecordFields) throws(Diagnostic) -> Record {
        let values = try fields.array("score", remedy: "Give 'problem' and 'score', as RewardMATH's results have them")
        let id = try fields.id("id")
        let problem = fields.optional("problem")?.stringValue
        guard id != nil || problem != nil else {
            throw fields.failure("the record has neither a 'problem' nor an 'id'", at: "problem")
        }
        return Record(
            location: fields.location, id: id, prompt: problem, index: fields.index,
            scores: try scores(values, fields, at: "score"))
    }

    /// A line of a JudgeBench output file: the scores of responses A and B, or the judgments' votes for them.
    mutating func judgeBenchRecord(_ fields: RecordFields) throws(Diagnostic) -> Record {
        let judgments = try JudgeBenchJudgments(
            fields.array("judgments", remedy: "Give 'pair_id' and 'judgments', as JudgeBench's outputs have them")
        ) { fields.failure($0, at: $1) }
        if judgments.isVoted { votedCount += 1 }
        let texts = ["response_A", "response_B"].compactMap { fields.optional($0)?.stringValue }
        return Record(
            location: fields.location, id: try fields.requiredID("pair_id"), index: fields.index,
            responses: texts.count == 2 ? texts : nil, scores: judgments.scores)
    }
}

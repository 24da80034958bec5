import Diagnostics
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

    /// A line of a JudgeBench output file: the scores of responses A and B.
    mutating func judgeBenchRecord(_ fields: RecordFields) throws(Diagnostic) -> Record {
        let judgments = try fields.array(
            "judgments", remedy: "Give 'pair_id' and 'judgments', as JudgeBench's outputs have them")
        let scores =
            switch use {
            case .scores: try judgedScores(judgments, fields)
            case .decisions: try decisionCounts(judgments, fields)
            }
        let texts = ["response_A", "response_B"].compactMap { fields.optional($0)?.stringValue }
        return Record(
            location: fields.location, id: try fields.requiredID("pair_id"), index: fields.index,
            responses: texts.count == 2 ? texts : nil, scores: scores)
    }

    /// The scores of the first judgment, which reads the pair as written; the second reads it the other way round.
    private mutating func judgedScores(
        _ judgments: [JSONValue], _ fields: RecordFields
    ) throws(Diagnostic) -> [Double] {
        let place = "judgments[0].judgment.scores"
        guard let values = judgments.first?["judgment"]?["scores"]?.arrayValue else {
            throw fields.failure(
                "the first judgment has no scores", at: place,
                remedy: "Where the judge gave decisions only, add use=decisions")
        }
        guard values.count == 2 else {
            throw fields.failure("there should be two scores, of A and B, but there are \(values.count)", at: place)
        }
        return try scores(values, fields, at: place)
    }

    /// How many judgments prefer A, and how many B; the second judgment reads the pair the other way round.
    private func decisionCounts(_ judgments: [JSONValue], _ fields: RecordFields) throws(Diagnostic) -> [Double] {
        guard (1...2).contains(judgments.count) else {
            throw fields.failure(
                "there should be one judgment, or two in both orders, but there are \(judgments.count)", at: "judgments"
            )
        }
        var counts = [0.0, 0.0]
        for (index, judgment) in judgments.enumerated() {
            guard let winner = try winner(judgment, fields, at: "judgments[\(index)].decision") else { continue }
            counts[winner ^ index] += 1
        }
        return counts
    }

    /// 0 where the judgment prefers the response it was shown first, 1 where the second; `nil` where neither.
    private func winner(_ judgment: JSONValue, _ fields: RecordFields, at place: String) throws(Diagnostic) -> Int? {
        switch judgment["decision"] {
        case .string("A>B"): return 0
        case .string("B>A"): return 1
        case nil, .null, .string("A=B"), .string("B=A"): return nil
        case .some(let other):
            throw fields.failure(
                "\(other.text.prefix(40)) is not a decision", at: place, remedy: "It is A>B, B>A or A=B")
        }
    }
}

import Experiment
import JSON
import Ledger

extension Findings {
    /// What the ledger keeps of a study's findings: a record for each verdict, each table and each caution. Figures are drawn
    /// from the readings, which it has.
    public var records: [FindingRecord] {
        verdicts.map { FindingRecord(kind: "verdict", content: $0.json) }
            + tables.map { FindingRecord(kind: "table", content: $0.json) }
            + cautions.map { FindingRecord(kind: "caution", content: .string($0)) }
    }
}

extension Finding {
    fileprivate var json: JSONValue {
        [
            "verdict": .string(verdict), "subject": .string(subject), "explanation": .string(explanation),
            "tone": .string(tone.rawValue), "rule": .string(rule),
        ]
    }
}

extension FindingTable {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "title": .string(title), "caption": .string(caption),
            "columns": .array(columns.map(JSONValue.string)),
            "rows": .array(rows.map { .array($0.map(\.json)) }),
        ]
    }
}

extension FindingTable.Cell {
    /// A text or a number; an estimate as `[point, lower, upper]`, null for an end that is infinite.
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .number(let value): value.isFinite ? .number(value) : .null
        case .integer(let value): .integer(value)
        case .estimate(let point, let lower, let upper):
            .array([point, lower, upper].map { $0.isFinite ? .number($0) : .null })
        case .missing: .null
        }
    }
}

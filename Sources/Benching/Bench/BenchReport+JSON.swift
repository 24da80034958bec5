import Experiment
import JSON
import Statistics
import Suites

extension BenchReport {
    /// The whole table as one JSON object. Shares are fractions of 1, not per cent.
    public var json: JSONValue {
        [
            "suite": .string(suite.rawValue), "data": .string(data), "rows": .integer(rows), "rule": .string(rule),
            "ties": .string(ties.rawValue), "level": .number(level),
            "excluded": .array(
                excluded.map {
                    [
                        "reason": .string($0.reason), "rows": .integer($0.count),
                        "first": .string("\($0.first.file):\($0.first.line)"),
                    ]
                }),
            "notes": .array(notes.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
            "failures": .array(failures.map { ["id": .string($0.id), "error": .string($0.message)] }),
            "cautions": .array(cautions.map { .string($0) }),
            "rewards": .array(entries.map(\.json)),
            "seconds_scoring": .number(entries.reduce(0) { $0 + $1.seconds }),
            "tokens_computed": .integer(entries.reduce(0) { $0 + $1.tokensComputed }),
            "ledger": .string(ledger), "run": .string(run),
        ]
    }
}

extension BenchReport.Entry {
    fileprivate var json: JSONValue {
        [
            "key": .string(key), "spec": .string(spec), "control": .bool(isControl),
            "seconds_scoring": .number(seconds), "tokens_computed": .integer(tokensComputed),
            "verdicts": .array(verdicts.map { .string($0) }), "report": report,
            "rows_kept": .integer(keptRows), "rows_truncated": .integer(truncatedRows),
            "responses_truncated": .integer(truncatedResponses), "results": .array(result.rows.map(\.json)),
            "differences": .array(differences.map(\.json)),
        ]
    }
}

extension SuiteRow {
    fileprivate var json: JSONValue {
        var members = JSONObject([("metric", .string(metric)), ("subset", .string(subset))])
        for (key, value) in estimate.json.objectValue ?? [:] { members[key] = value }
        members["rows"] = .integer(items)
        members["ties"] = .integer(ties)
        members["truncated"] = .integer(truncated)
        members["untruncated"] = untruncated?.json ?? .null
        members["weight"] = weight.map { .number($0) } ?? .null
        members["detail"] = .bool(isDetail)
        return .object(members)
    }
}

extension SuiteDifference {
    fileprivate var json: JSONValue {
        var members = JSONObject([("metric", .string(metric)), ("subset", .string(subset))])
        for (key, value) in estimate.json.objectValue ?? [:] { members[key] = value }
        members["test"] = test.map { .string($0.method) } ?? .null
        members["p_value"] = test.map { .finite($0.pValue) } ?? .null
        members["detail"] = .bool(isDetail)
        return .object(members)
    }
}

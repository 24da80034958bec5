import Diagnostics
import Experiment
import JSON
import Ledger

extension AnalysisRegistry {
    /// What produced the study: run, design, rules, seeds, steps, cost, program, machine.
    func provenance(
        _ results: StudyResults, _ readings: StudyReadings
    ) throws(Diagnostic) -> [(label: String, value: String)] {
        let record = try results.ledger.run(results.run)
        let seconds = results.runs.reduce(0) { $0 + $1.cost.seconds }
        let tokens = results.runs.reduce(0) { $0 + $1.cost.tokens }
        var lines: [(label: String, value: String)] = [
            ("study", "\(design.name), run \(results.run)"), ("design, SHA-256", results.design.digest),
            ("arms", "\(readings.arms.count)"),
            ("seeds", "\(readings.seeds.count): \(readings.seeds.map(String.init).joined(separator: ", "))"),
            ("runs", "\(results.runs.count { $0.status.isFinal }) of \(results.runs.count) ended"),
            ("computed", "\(Numerals.compact(tokens)) tokens in \(Numerals.duration(seconds)) of processor time"),
        ]
        if !rules.isEmpty || !statements.isEmpty { lines.append(("verdict rules, SHA-256", rulesDigest)) }
        for (label, value) in [("program", record?.description.provenance), ("machine", record?.description.machine)] {
            if let value, value != [:] { lines.append((label, Self.text(value))) }
        }
        return lines
    }

    /// One digest of all rules.
    public var rulesDigest: String { SHA256Digest.hexadecimal(of: rulesRecord.canonicalText.utf8) }

    /// `version 0.3.0, libtorch 2.9`; the rules, which are long, are left to their digest.
    private static func text(_ value: JSONValue) -> String {
        guard case .object(let members) = value else { return value.text }
        return members.filter { $0.key != "rules" }.map { key, value in
            "\(key) \(value.stringValue ?? value.text)"
        }.joined(separator: ", ")
    }
}

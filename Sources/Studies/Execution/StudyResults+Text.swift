import JSON
import Ledger

extension StudyResults {
    /// How the study went, in a few lines: runs done, diverged, failed.
    public var summary: String {
        let done = runs.count { $0.status == .done }
        var lines = ["run \(run) in \(ledger.path): \(done) of \(runs.count) runs done"]
        lines += divergences.map {
            "  diverged: \($0.arm), seed \($0.seed), at step \($0.stoppedStep ?? 0): \($0.message ?? "")"
        }
        lines += failures.map { "  failed: \($0.arm), seed \($0.seed): \($0.message ?? "")" }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension [FindingRecord] {
    /// Verdicts, then cautions, a paragraph each; what the page says first.
    public var text: String {
        let verdicts = filter { $0.kind == "verdict" }.map { record in
            let part = { (key: String) in record.content[key]?.stringValue ?? "" }
            return "\(part("subject")): \(part("verdict"))\n    \(part("explanation"))\n"
        }
        let cautions = filter { $0.kind == "caution" }.compactMap { $0.content.stringValue.map { "caution: \($0)\n" } }
        return (verdicts + cautions).joined()
    }
}

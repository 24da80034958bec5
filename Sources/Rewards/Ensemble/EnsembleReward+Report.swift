import Experiment
import JSON

extension EnsembleReward: ReportingReward {
    private var reporting: [any ReportingReward] { members.compactMap { $0 as? any ReportingReward } }

    /// A list of what the members say, `{spec, report}`, of those that say anything; null where none does.
    public var report: JSONValue {
        let reports = reporting.filter { $0.report != .null }
        guard !reports.isEmpty else { return .null }
        return .array(reports.map { ["spec": .string($0.spec), "report": $0.report] })
    }

    public var remarks: [String] { reporting.flatMap { member in member.remarks.map { "\(member.spec): \($0)" } } }
}

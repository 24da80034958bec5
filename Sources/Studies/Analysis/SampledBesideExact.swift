import Diagnostics
import Experiment
import Statistics

/// Each sampled estimate beside its truth, where a world lists its responses: what training batches showed of a policy, and what
/// enumeration says of the same policy at the same step.
///
/// Runs whose batches are not the policy's own draws are left out (stale data, another temperature, a piece in training), and so are
/// runs whose reward changes.
struct SampledBesideExact {
    private static let pairs = [
        ("gold.mean", "exact.gold"), ("reward.mean", "exact.reward"), ("kl.k1", "exact.kl"), ("kl.k3", "exact.kl"),
        ("kl.stepwise", "exact.kl"),
        ("entropy.response", "exact.entropy"), ("pass@1", "exact.pass@1"), ("pass@8", "exact.pass@8"),
    ]

    static let meters = Set(pairs.flatMap { [$0.0, $0.1] })

    let level: Double

    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic) {
        var rows: [[FindingTable.Cell]] = []
        for (sampled, exact) in Self.pairs {
            if let row = try row(sampled, exact, readings) { rows.append(row) }
        }
        guard !rows.isEmpty else { return }
        findings.tables.append(
            FindingTable(
                id: "sampled-beside-exact", title: "Sampled estimates beside their exact values",
                caption:
                    "Training batches of all arms against enumeration over all prompts, at steps where both were read, of policies that "
                    + "draw for themselves. The difference is a mean over seeds with its \(percent(level)) t interval; intervals of "
                    + "single readings are meant to hold at least \(percent(level)) of the time.",
                columns: [
                    "estimate", "sampled", "exact", "sampled − exact", "readings",
                    "whose own interval holds the exact value",
                ], rows: rows))
    }

    private func row(
        _ sampled: String, _ exact: String, _ readings: StudyReadings
    ) throws(Diagnostic) -> [FindingTable.Cell]? {
        var read: [(sampled: RunReadings.Point, exact: Double)] = []
        var differences: [Double] = []
        for seed in readings.seeds.indices {
            let own = readings.arms.map { $0.runs[seed] }.filter(\.drawsForItself).flatMap { run in
                run.points(of: sampled, beside: exact)
            }
            guard !own.isEmpty else { continue }
            read += own
            differences.append(own.reduce(0) { $0 + $1.sampled.value - $1.exact } / Double(own.count))
        }
        guard !read.isEmpty else { return nil }
        let judged = read.filter { ($0.sampled.standardError ?? 0) > 0 && $0.sampled.n > 1 }
        let held = judged.count { $0.sampled.estimate(level: level).interval.contains($0.exact) }
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        let difference = try studentMean(differences, level: level)
        return [
            .text(MeterName.title(of: sampled)), .number(mean(read.map(\.sampled.value))),
            .number(mean(read.map(\.exact))),
            difference.interval.isBounded ? difference.tableCell : .number(difference.point), .integer(read.count),
            judged.isEmpty ? .missing : .text("\(percent(Double(held) / Double(judged.count))) of \(judged.count)"),
        ]
    }
}

extension RunReadings {
    /// A sampled meter's readings at steps where the exact one was read too.
    fileprivate func points(of sampled: String, beside exact: String) -> [(sampled: Point, exact: Double)] {
        (series[sampled] ?? []).compactMap { point in value(exact, at: point.step).map { (point, $0) } }
    }
}

import Diagnostics
import Experiment
import JSON
import Ledger

/// A study as the ledger holds it: what its analyses and its report read.
public struct StudyResults: Sendable {
    public let ledger: Ledger
    public let run: RunID
    public let design: DesignRecord
    /// In the order of the plan.
    public let runs: [ArmRunRecord]

    /// - Throws: `inputMissing` where the ledger has no such study.
    public init(_ run: RunID, in ledger: Ledger) throws(Diagnostic) {
        self.ledger = ledger
        self.run = run
        design = try ledger.design(of: run)
        runs = try ledger.armRuns(of: run)
    }

    /// What was read in one run, step by step; readings of clocks come after the others of their step.
    ///
    /// - Parameter position: ``ArmRunRecord/position``
    public func readings(of position: Int) throws(Diagnostic) -> [StepReadings] {
        try ledger.steps(of: run, armRun: position).map { (record) throws(Diagnostic) in
            guard let readings = StepReadings(step: record.step, json: record.readings),
                let times = StepReadings(step: record.step, json: record.times)
            else {
                throw Diagnostic(
                    .badData, "the ledger holds what this program did not write",
                    at: .init(file: ledger.path, field: "step \(record.step) of run \(position)"),
                    remedy: "Restore the file from a copy, or name another ledger with --ledger")
            }
            return StepReadings(step: record.step, readings: readings.readings + times.readings)
        }
    }

    /// The runs of an arm, in the order of seeds.
    public func runs(ofArm name: String) -> [ArmRunRecord] { runs.filter { $0.arm == name } }
}

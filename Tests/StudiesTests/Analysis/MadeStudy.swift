import Diagnostics
import Experiment
import JSON
import Ledger

@testable import Studies

/// A study whose readings are made up: a real ledger, and no run.
final class MadeStudy {
    /// What a run read at its steps; `nil` makes the run diverge, and what is thrown makes it fail.
    typealias Making = (_ levels: JSONObject, _ seed: Int) throws(Diagnostic) -> [StepReadings]?

    let folder: TemporaryFolder
    let results: StudyResults
    let registry: AnalysisRegistry

    init(_ text: String, making: Making) throws {
        folder = try TemporaryFolder()
        let design = try StudyDesign(parsing: Array(text.utf8))
        let plan = try StudyPlan(design) { (_, _) throws(Diagnostic) in
            ArmCost(steps: 1, tokens: 1, flops: 1, memory: 1)
        }
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let run = try ledger.beginStudy(
            RunDescription(
                verb: "study", settings: design.canonical, provenance: ["program": "test"], machine: [:],
                commandLine: []),
            design: design.record, arms: plan.runs.map(\.record))
        var progress = StudyProgress()
        for armRun in plan.runs {
            let made: [StepReadings]?
            do throws(Diagnostic) { made = try making(armRun.arm.levels, armRun.seed) } catch {
                progress.ends.append(ArmRunEnd(armRun: armRun.position, status: .failed, message: error.message))
                continue
            }
            guard let readings = made else {
                progress.ends.append(
                    ArmRunEnd(
                        armRun: armRun.position, status: .diverged, stoppedStep: 7, message: "the loss is not finite"))
                continue
            }
            progress.steps += readings.map { StepRecord(armRun: armRun.position, step: $0.step, readings: $0.json) }
            progress.ends.append(ArmRunEnd(armRun: armRun.position, status: .done))
        }
        try ledger.record(progress, of: run)
        results = try StudyResults(run, in: ledger)
        registry = try AnalysisRegistry(results)
    }

    func findings() throws -> Findings { try registry.findings(results) }
}

extension StepReadings {
    /// Exact readings at a step.
    static func at(_ step: Int, _ values: [String: Double]) -> StepReadings {
        StepReadings(step: step, readings: values.sorted { $0.key < $1.key }.map { Reading($0.key, $0.value) })
    }
}

extension Findings {
    func verdict(about subject: String) -> Finding? { verdicts.first { $0.subject == subject } }
    func table(_ id: String) -> FindingTable? { tables.first { $0.id == id } }
    func figure(_ id: String) -> Figure? { figures.first { $0.id == id } }
}

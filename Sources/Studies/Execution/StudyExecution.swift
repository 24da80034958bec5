import Diagnostics
import Experiment
import Foundation
import JSON
import Ledger

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Executes a study's runs in worker processes and records what they say. Only this process writes the ledger.
///
/// All work is done on one thread of its own: it starts workers, waits for what they say, and writes it to the ledger in
/// transactions of a quarter of a second. What is lost when it is killed is what it had not yet written.
struct StudyExecution: Sendable {
    let plan: StudyPlan
    /// The runs to execute, in the plan's order.
    let runs: [ArmRun]
    /// By position, the last step that is recorded of a run that was begun before.
    let recordedSteps: [Int: Int]
    let ledger: Ledger
    let run: RunID
    let jobs: Int
    let command: WorkerCommand
    /// By position, what share of the study each run is; for the progress line.
    let weights: [Double]
    let isQuiet: Bool
    let isInterrupted: @Sendable () -> Bool

    /// - Throws: `interrupted` where it was; what the ledger throws. The workers are then stopped.
    func execute() async throws(Diagnostic) {
        let result: Result<Void, Diagnostic> = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.executeHere()) }
        }
        try result.get()
    }

    private func executeHere() -> Result<Void, Diagnostic> {
        // Writing to a worker that has died is then an error and no signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let loop = ExecutionLoop(self)
        do throws(Diagnostic) {
            try loop.run()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    func assignment(of share: WorkerShare) -> WorkerAssignment {
        WorkerAssignment(
            jobs: share.runs.map { armRun in
                ArmJob(
                    study: plan.design.name, arm: armRun.arm.name, levels: armRun.arm.levels,
                    position: armRun.position, seed: armRun.seed, settings: armRun.arm.settings,
                    folder: plan.design.folder, checkpoints: "\(ledger.path)-checkpoints/\(run)/\(armRun.position)",
                    recordedStep: recordedSteps[armRun.position])
            })
    }
}

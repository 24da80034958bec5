import Diagnostics
import Experiment
import Foundation
import JSON
import LanguageModel
import Regimes
import Rewards
import Torch
import Training

/// Runs an arm: makes world, base policy and rewards, and trains.
public struct PolicyArmRunner: ArmRunning {
    public init() {}

    public func run(
        _ job: ArmJob, report: @escaping @Sendable (StepReadings) throws(Diagnostic) -> Void
    ) async throws(Diagnostic) -> ArmOutcome {
        let settings = try RunSettings(job.settings, path: "run", folder: job.folder)
        return try await execute(job, settings, report)
    }

    @TensorActor
    private func execute(
        _ job: ArmJob, _ settings: RunSettings, _ report: @Sendable (StepReadings) throws(Diagnostic) -> Void
    ) async throws(Diagnostic) -> ArmOutcome {
        // Base policies lie beside the runs' own folders, so that all runs of a ledger share them.
        let bases = "\(job.checkpoints)/../../bases"
        let arm = try await ArmParts(
            settings, seed: job.seed, bases: bases, models: "\(job.checkpoints)/../models")
        let run = try PolicyRun(arm.parts)
        let checkpoints = RunCheckpoints(folder: job.checkpoints, every: settings.checkpointEvery)
        let start = try checkpoints.resume(arm, run, upTo: job.recordedStep)
        do throws(Diagnostic) {
            try await run.run(from: start) { (step) throws(Diagnostic) in
                try checkpoints.write(arm, run, at: step)
            } report: { (readings) throws(Diagnostic) in
                var readings = readings
                if readings.step == 0 { readings.readings += arm.standing }
                try report(readings)
            }
        } catch {
            guard let reason = Divergence.reason(error) else { throw error }
            return .diverged(step: run.currentStep, reason: reason, tokens: run.tokensComputed)
        }
        return .done(tokens: run.tokensComputed)
    }
}

/// States of a run at set steps, from which it goes on.
struct RunCheckpoints {
    let folder: String
    /// 0: none.
    let every: Int

    private func path(_ step: Int) -> String { "\(folder)/step-\(step).safetensors" }
    private func notes(_ step: Int) -> String { "\(folder)/step-\(step).json" }

    /// Written before anything is done in a step: the state has had so many updates. The weights come last, so that a state that is there
    /// is whole.
    @TensorActor
    func write(_ arm: ArmParts, _ run: PolicyRun, at step: Int) throws(Diagnostic) {
        let last = run.steps
        guard every > 0, step > 0, step % every == 0 || step == last else { return }
        try OutputFolder.make(folder)
        try WholeFile.write(run.state.text, to: notes(step))
        try arm.policy.snapshot().write(to: path(step))
        if step == last { try export(arm) }
    }

    /// The final policy as a checkpoint folder that `assay` and other programs read.
    @TensorActor
    private func export(_ arm: ArmParts) throws(Diagnostic) {
        guard let origin = arm.settings.policy.checkpoint else { return }
        var configuration = try JSONValue(readingFile: origin + "/config.json").objectValue ?? [:]
        configuration.removeValue(forKey: "torch_dtype")
        configuration["dtype"] = "float32"
        try CheckpointFolder("\(folder)/final").write(
            arm.policy.decoder, configuration: .object(configuration), copyingTextsFrom: origin)
    }

    /// Goes back to the last state whose step was recorded; returns that step, 0 where there is none.
    @TensorActor
    func resume(_ arm: ArmParts, _ run: PolicyRun, upTo recorded: Int?) throws(Diagnostic) -> Int {
        guard every > 0, let recorded else { return 0 }
        for step in stride(from: recorded / every * every, to: 0, by: -every)
        where FileManager.default.fileExists(atPath: path(step)) {
            try arm.policy.restore(try PolicyState(readingFrom: path(step)))
            try run.restore(try JSONValue(readingFile: notes(step)))
            return step
        }
        return 0
    }
}

import Diagnostics
import Experiment
import Foundation
import JSON
import Statistics
import Studies

/// Executes runs whose readings are drawn from the run's stream, and goes wrong where its settings say so.
///
/// Settings: `steps`, `slope`, `pause` (milliseconds a step), `streams`; `fault: {kind, step, seed}` with the kinds `abort`,
/// `exit`, `kill`, `throw`, `diverge`, `rubbish` (on standard output) and `hang`.
struct FixtureRunner: ArmRunning {
    static func cost(of settings: JSONValue, path: String) throws(Diagnostic) -> ArmCost {
        let settings = try FixtureSettings(settings, path: path)
        return ArmCost(
            steps: settings.steps, tokens: 8 * settings.steps, flops: 1e3 * Double(settings.steps), memory: 1 << 20)
    }

    func run(
        _ job: ArmJob, report: @escaping @Sendable (StepReadings) throws(Diagnostic) -> Void
    ) async throws(Diagnostic) -> ArmOutcome {
        let settings = try FixtureSettings(job.settings, path: "run")
        for step in (settings.continues ? job.recordedStep ?? 0 : 0)...settings.steps {
            if settings.pause > 0 { usleep(UInt32(1000 * settings.pause)) }
            if settings.faultSeed == job.seed || settings.faultSeed < 0, settings.faultStep == step {
                if let outcome = try fail(settings, at: step) { return outcome }
            }
            try report(readings(settings, job, step))
        }
        return .done(tokens: 8 * settings.steps)
    }

    private func readings(_ settings: FixtureSettings, _ job: ArmJob, _ step: Int) -> StepReadings {
        var stream = RandomStream(
            seed: UInt64(job.seed), purpose: "fixture \(settings.streams)", step: UInt64(step), item: 0)
        let noise = stream.uniform()
        return StepReadings(
            step: step,
            readings: [
                Reading("reward.mean", settings.slope * Double(step) + noise, standardError: 0.1, n: 16),
                Reading("cost.seconds", Double(clock()) / 1e6), Reading("kl.exact", noise / 3),
                Reading("gold.mean", nil),
            ])
    }

    private func fail(_ settings: FixtureSettings, at step: Int) throws(Diagnostic) -> ArmOutcome? {
        switch settings.fault {
        case "abort": abort()
        case "kill": kill(getpid(), SIGKILL)
        case "exit":
            FileHandle.standardError.write(Data("no more memory\n".utf8))
            exit(7)
        case "throw":
            throw Diagnostic(.badData, "the reward is NaN", at: .init(field: "run.reward.0"), remedy: "Mend it")
        case "diverge": return .diverged(step: step, reason: "the loss is not finite", tokens: 8 * step)
        case "rubbish": print("{\"run\": 0, \"end\": \"done\"}")
        case "hang": while true { sleep(1) }
        default: break
        }
        return nil
    }
}

struct FixtureSettings {
    var steps: Int
    var slope: Double
    var pause: Int
    var streams: String
    var continues: Bool
    var fault: String
    var faultStep: Int
    var faultSeed: Int

    init(_ value: JSONValue, path: String) throws(Diagnostic) {
        var reader = try SettingsReader(value, path: path)
        steps = try reader.integer("steps", default: 3, in: 1...1_000_000)
        slope = try reader.number("slope", default: 0, in: .finite)
        pause = try reader.integer("pause", default: 0, in: 0...10_000)
        streams = try reader.string("streams", default: "")
        continues = try reader.flag("continues", default: false)
        _ = reader.value("reward")
        var fault = try reader.map("fault")
        self.fault = try fault.string("kind", default: "")
        faultStep = try fault.integer("step", default: 1, in: 0...1_000_000)
        faultSeed = try fault.integer("seed", default: -1, in: -1...1_000_000)
        try fault.finish()
        try reader.finish()
    }
}

import Diagnostics
import Experiment
import JSON
import Regimes
import Torch

/// What a run on a checkpoint of the user's own will take, from doing a little of it: a step with few of its prompts and one with more, and
/// the same of a reading of held-out prompts. Time and memory are taken to grow in a straight line from there.
@TensorActor
struct RunProbe {
    private let arm: ArmParts

    /// - Throws: what loading the policy, the prompts or the reward throws.
    static func forecast(_ value: JSONValue, folder: String) async throws(Diagnostic) -> ArmForecast {
        let settings = try RunSettings(value, path: "run", folder: folder)
        let threads = try TorchLibrary.threads()
        let start = ContinuousClock.now
        let probe = RunProbe(arm: try await ArmParts(settings, seed: 0, bases: "\(folder)/bases", isPlan: true))
        let loading = start.duration(to: .now) / .seconds(1) + probe.arm.preparation
        // What runs first is compiled and laid out once.
        _ = try await probe.step(prompts: 1, at: 0)
        var (updates, memory) = (0.0, 0.0)
        for steps in probe.stretches {
            let regime = settings.regimes.settings(at: steps.lowerBound)
            let step = try await Line(upTo: regime.promptsPerStep, parts: 2) { (count) async throws(Diagnostic) in
                try await probe.step(prompts: count, at: steps.lowerBound)
            }
            let distinct = min(probe.arm.world.prompts.count, steps.count * regime.promptsPerStep)
            updates += step.value(of: \.seconds) * Double(steps.count)
            updates += step.value(of: \.once) * Double(distinct) / Double(max(regime.promptsPerStep, 1))
            memory = max(memory, step.value(of: \.memory))
        }
        let prompts = settings.heldOutReadings > 0 ? probe.arm.world.heldOutPrompts.count : 0
        let reading = try await Line(upTo: min(prompts, settings.meters.heldOutPrompts), parts: 4) {
            (count) async throws(Diagnostic) in
            try await probe.reading(prompts: count)
        }
        try TorchLibrary.setThreads(threads)
        return ArmForecast(
            seconds: loading + updates + reading.value(of: \.seconds) * settings.heldOutReadings,
            memory: Int(max(memory, reading.value(of: \.memory))))
    }

    /// The updates between two changes of regime or pieces; a selection is one.
    private var stretches: [Range<Int>] {
        let regime = arm.parts.regimes[0].settings
        let steps = regime.trains ? regime.steps : 1
        let changes = arm.parts.regimes.map(\.from) + arm.parts.pieces.compactMap(\.until)
        return Studies.stretches(of: steps, changingAt: changes)
    }

    /// An update as it is at a step of the run.
    private func step(prompts: Int, at step: Int) async throws(Diagnostic) -> Spent {
        try await spent { (parts) in
            parts.regimes = [(0, arm.parts.regimes.settings(at: step))]
            for index in parts.pieces.indices {
                if let until = parts.pieces[index].until { parts.pieces[index].until = step < until ? nil : 0 }
            }
            parts.regimes[0].settings.promptsPerStep = prompts
            parts.regimes[0].settings.steps = 1
            parts.meters.heldOutEvery = 0
        }
    }

    private func reading(prompts: Int) async throws(Diagnostic) -> Spent {
        try await spent { (parts) in
            parts.regimes[0].settings.steps = 0
            parts.meters.heldOutEvery = 1
            parts.meters.heldOutPrompts = prompts
        }
    }

    private func spent(_ change: (inout PolicyRun.Parts) -> Void) async throws(Diagnostic) -> Spent {
        var parts = arm.parts
        parts.regimes = [parts.regimes[0]]
        change(&parts)
        let run = try PolicyRun(parts)
        let whole = try await run.seconds()
        // Stale data are sampled when a prompt first comes up: the same step again has them.
        let regime = parts.regimes[0].settings
        let again = regime.source == .stale && regime.steps > 0 ? min(whole, try await run.seconds()) : whole
        return Spent(seconds: again, once: whole - again, memory: Double(ProcessMemory.peak))
    }
}

extension RunSettings {
    /// Readings of held-out prompts in a run: the first, the last, and those between.
    fileprivate var heldOutReadings: Double {
        let steps = regimes[0].settings.steps
        guard regimes[0].settings.trains, meters.heldOutEvery > 0 else { return 0 }
        return Double(steps / meters.heldOutEvery + (steps % meters.heldOutEvery == 0 ? 1 : 2))
    }
}

/// What a part of a run took.
private struct Spent {
    var seconds: Double
    /// Seconds besides that fall to each prompt once in a run.
    var once = 0.0
    /// The most memory that the process has had up to here, bytes.
    var memory: Double
}

/// A straight line through what two sizes took, up to the size that is asked about.
@TensorActor
private struct Line {
    private var first: (size: Int, spent: Spent)?
    private var second: (size: Int, spent: Spent)?
    private let size: Int

    /// - Parameters:
    ///   - size: what the run will have; nothing is measured where it is 0.
    ///   - parts: the larger of the two sizes is this part of it.
    init(
        upTo size: Int, parts: Int, measure: (Int) async throws(Diagnostic) -> Spent
    ) async throws(Diagnostic) {
        self.size = size
        guard size > 0 else { return }
        let larger = (size + parts - 1) / parts
        let smaller = max(1, larger / 2)
        first = (smaller, try await measure(smaller))
        if larger > smaller { second = (larger, try await measure(larger)) }
    }

    func value(of part: KeyPath<Spent, Double>) -> Double {
        guard let first else { return 0 }
        let low = first.spent[keyPath: part]
        guard let second else { return low * (part == \.memory ? 1 : Double(size) / Double(first.size)) }
        let high = second.spent[keyPath: part]
        let slope = max(0, high - low) / Double(second.size - first.size)
        return high + slope * Double(size - second.size)
    }
}

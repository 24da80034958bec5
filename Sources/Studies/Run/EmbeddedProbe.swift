import Diagnostics
import Experiment
import JSON
import Regimes
import Rewards
import Torch

/// What runs in the program's own worlds will take, from doing a little of each kind: a few updates, a few readings, a few updates of each
/// reward model. Arms that differ in nothing which costs time are timed once.
///
/// Weights are drawn, for a base policy would first have to be made. What they say is as spread as it can be; training narrows it, and
/// where responses are alike less is computed. So updates are timed twice, as they are and with greedy samples, and the mean is taken.
@TensorActor
final class EmbeddedProbe {
    private let folder: String
    /// Seconds of a run besides its preparation, and the bytes it holds, by what decides them.
    private var runs: [String: Double] = [:]
    private var bases: [String: Double] = [:]
    private var trainings: [String: Double] = [:]

    init(folder: String) { self.folder = folder }

    /// - Throws: what making the world or a reward throws.
    func forecast(_ value: JSONValue, cost: ArmCost) async throws(Diagnostic) -> ArmForecast {
        let settings = try RunSettings(value, path: "run", folder: folder)
        let plain = settings.withoutTables
        let key = plain.timingKey(value)
        if runs[key] == nil { runs[key] = try await seconds(of: plain) }
        var forecast = ArmForecast(seconds: runs[key] ?? 0, memory: cost.memory)
        forecast.preparations.append(
            .init(key: Self.place(value), seconds: try base(settings, value), isOfSeed: false))
        for term in settings.terms {
            for spec in term.spec.learned {
                let seconds = try await training(spec, settings, value)
                forecast.seconds += Double(settings.refreshes(of: term)) * seconds
                forecast.preparations.append(
                    .init(key: "\(Self.place(value)) \(spec)", seconds: seconds, isOfSeed: true))
            }
        }
        return forecast
    }

    private func base(_ settings: RunSettings, _ value: JSONValue) throws(Diagnostic) -> Double {
        let key = Self.place(value)
        if let known = bases[key] { return known }
        let seconds = try BasePolicy(world: try settings.makeWorld(), settings: settings.policy).plannedSeconds()
        bases[key] = seconds
        return seconds
    }

    /// What a base policy is made of, and a reward model trained in.
    private static func place(_ value: JSONValue) -> String {
        JSONValue.array([value["world"] ?? .null, value["policy"] ?? .null]).canonicalText
    }

    private func training(_ spec: RewardSpec, _ settings: RunSettings, _ value: JSONValue) async throws(Diagnostic)
        -> Double
    {
        let learned = try LearnedSettings(spec, seed: 0, in: .init(try settings.makeWorld(), settings.policy))
        let key = "\(Self.place(value)) \(learned.timingKey)"
        if let known = trainings[key] { return known }
        var alone = settings
        (alone.terms, alone.pieces) = ([RewardTermSettings(spec: spec)], [])
        let seconds = try await ArmParts(alone, seed: 0, bases: "", isPlan: true).preparation
        trainings[key] = seconds
        return seconds
    }

    /// Without what trains a reward.
    private func seconds(of settings: RunSettings) async throws(Diagnostic) -> Double {
        let start = ContinuousClock.now
        let arm = try await ArmParts(settings, seed: 0, bases: "", isPlan: true)
        var seconds = start.duration(to: .now) / .seconds(1)
        let regime = settings.regimes[0].settings
        if regime.trains {
            let step = try await time(arm, Self.updates, .none) / Double(Self.updates)
            let narrow = try await time(arm, Self.updates, .none, temperature: 0.01) / Double(Self.updates)
            seconds += (step + narrow) / 2 * Double(regime.steps)
            for (meters, count) in settings.readings {
                let read = try await time(arm, Self.readings, meters) / Double(Self.readings)
                seconds += max(0, read - step) * Double(count)
            }
        } else {
            seconds += try await time(try PolicyRun(arm.parts))
        }
        return seconds
    }

    private static let updates = 16
    private static let readings = 4

    /// The second of two times: what comes first is laid out, and stale data sampled, once.
    private func time(
        _ arm: ArmParts, _ steps: Int, _ meters: MeterSettings, temperature: Double? = nil
    ) async throws(Diagnostic) -> Double {
        var parts = arm.parts
        parts.regimes = [parts.regimes[0]]
        parts.regimes[0].settings.steps = steps
        if let temperature { parts.regimes[0].settings.temperature = temperature }
        parts.meters = meters
        let run = try PolicyRun(parts)
        _ = try await time(run)
        return try await time(run)
    }

    private func time(_ run: PolicyRun) async throws(Diagnostic) -> Double {
        let start = ContinuousClock.now
        try await run.run { (_) throws(Diagnostic) in }
        return start.duration(to: .now) / .seconds(1)
    }
}

extension RunSettings {
    /// With gold for every reward that is a table over the world's responses: they cost the same.
    fileprivate var withoutTables: RunSettings {
        var settings = self
        for index in terms.indices {
            settings.terms[index].refreshEvery = nil
            settings.terms[index].refreshedAt = []
            settings.terms[index].spec = terms[index].spec.withoutTables
        }
        return settings
    }

    /// All that decides how long a run takes, besides reward models.
    fileprivate func timingKey(_ value: JSONValue) -> String {
        var members = value.objectValue ?? [:]
        for key in ["reward", "interventions", "streams"] { members[key] = nil }
        if var regime = members["regime"]?.objectValue {
            regime["learning-rate"] = nil
            members["regime"] = .object(regime)
        }
        members["terms"] = .array(terms.map { .string($0.spec.description) })
        return JSONValue.object(members).canonicalText
    }

    /// Each kind of reading alone, at every step, and how often a run has it.
    fileprivate var readings: [(meters: MeterSettings, count: Int)] {
        let steps = regimes[0].settings.steps
        return [\MeterSettings.every, \.exactEvery, \.heldOutEvery].compactMap { kind in
            let every = meters[keyPath: kind]
            guard every > 0 else { return nil }
            var alone = meters
            (alone.every, alone.exactEvery, alone.heldOutEvery) = (0, 0, 0)
            alone[keyPath: kind] = 1
            return (alone, steps / every + 1)
        }
    }

    /// How often a term's reward model is trained anew in a run.
    fileprivate func refreshes(of term: RewardTermSettings) -> Int {
        (0..<regimes[0].settings.steps).count(where: term.refreshes)
    }
}

extension RewardSpec {
    /// With gold for all in it that is a table.
    fileprivate var withoutTables: RewardSpec {
        if kind == .planted || kind == .learned { return RewardSpec(.gold) }
        if members.isEmpty { return self }
        let own = Dictionary(parameters.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        return RewardSpec(kind, members: members.map(\.withoutTables), parameters: own)
    }

    /// The reward models in it that a run trains.
    var learned: [RewardSpec] { kind == .learned ? [self] : members.flatMap(\.learned) }
}

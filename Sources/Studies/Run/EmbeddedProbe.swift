import Diagnostics
import Experiment
import JSON
import Regimes
import Rewards
import Torch

/// What runs in the program's own worlds will take, from doing a little of each kind: a few updates between two changes of a run, a few
/// readings, a few updates of each reward model. What is alike in all that costs time is timed once.
///
/// Weights are drawn, for a base policy would first have to be made. What they say is as spread as it can be; training narrows it, and
/// where responses are alike less is computed. So updates are timed twice, as they are and with greedy samples, and the mean is taken.
/// Selections (best-of-n, tilt) are done whole.
@TensorActor
final class EmbeddedProbe {
    private let folder: String
    private var stretches: [Stretch: Times] = [:]
    private var bases: [String: Double] = [:]
    private var trainings: [String: Double] = [:]

    init(folder: String) { self.folder = folder }

    /// - Throws: what making the world or a reward throws.
    func forecast(_ value: JSONValue, cost: ArmCost) async throws(Diagnostic) -> ArmForecast {
        let settings = try RunSettings(value, path: "run", folder: folder)
        let world = try settings.makeWorld()
        // What base policies and reward models are kept under.
        let place = settings.policy.place(in: world)
        var forecast = ArmForecast(seconds: try await seconds(of: settings, world, place), memory: cost.memory)
        forecast.preparations.append(.init(key: place, seconds: try base(settings, world, place), isOfSeed: false))
        for term in settings.terms {
            for spec in term.spec.learned {
                let seconds = try await training(spec, settings, world, place)
                forecast.seconds += Double(settings.refreshes(of: term)) * seconds
                forecast.preparations.append(
                    .init(key: "\(place) \(spec)", seconds: seconds, isOfSeed: spec["seed"] == nil))
            }
        }
        return forecast
    }

    private func base(_ settings: RunSettings, _ world: any World, _ place: String) throws(Diagnostic) -> Double {
        if let known = bases[place] { return known }
        let seconds = try BasePolicy(world: world, settings: settings.policy).plannedSeconds()
        bases[place] = seconds
        return seconds
    }

    private func training(
        _ spec: RewardSpec, _ settings: RunSettings, _ world: any World, _ place: String
    ) async throws(Diagnostic) -> Double {
        let learned = try LearnedSettings(spec, seed: 0, in: .init(world, settings.policy))
        let key = "\(place) \(learned.timingKey)"
        if let known = trainings[key] { return known }
        var alone = settings
        (alone.terms, alone.pieces) = ([RewardTermSettings(spec: spec)], [])
        let seconds = try await ArmParts(alone, seed: 0, bases: "", isPlan: true).preparation
        trainings[key] = seconds
        return seconds
    }

    /// Without what trains base and rewards.
    private func seconds(
        of settings: RunSettings, _ world: any World, _ place: String
    ) async throws(Diagnostic) -> Double {
        var seconds = 0.0
        for (index, part) in settings.stretches(isListed: world.enumeration != nil).enumerated() {
            let key = Stretch(part.settings, place)
            if stretches[key] == nil { stretches[key] = try await times(of: part.settings) }
            guard let times = stretches[key] else { continue }
            if index == 0 { seconds += times.loading + times.whole }
            seconds += Double(part.steps.count) * times.step
            for reading in times.readings {
                let own = part.steps.count { $0 % reading.every == 0 }
                // The last one is of the policy that comes out.
                seconds +=
                    reading.seconds
                    * Double(own + (part.steps.upperBound == settings.regimes[0].settings.steps ? 1 : 0))
            }
        }
        return seconds
    }

    private func times(of settings: RunSettings) async throws(Diagnostic) -> Times {
        let start = ContinuousClock.now
        let arm = try await ArmParts(settings, seed: 0, bases: "", isPlan: true)
        let loading = start.duration(to: .now) / .seconds(1)
        guard settings.regimes[0].settings.trains else {
            return Times(loading: loading, whole: try await PolicyRun(arm.parts).seconds())
        }
        let spread = try await time(arm, Self.updates, .none) / Double(Self.updates)
        let narrow = try await time(arm, Self.updates, .none, temperature: 0.01) / Double(Self.updates)
        var readings: [(seconds: Double, every: Int)] = []
        var meters = MeterSettings.none
        (meters.heldOutPrompts, meters.heldOutSamples) = (
            settings.meters.heldOutPrompts, settings.meters.heldOutSamples
        )
        meters.answer = settings.meters.answer
        // What batches show more of where other meters are read is read with those.
        var before = spread
        for kind in [\MeterSettings.every, \.exactEvery, \.heldOutEvery] where settings.meters[keyPath: kind] > 0 {
            meters[keyPath: kind] = 1
            let read = try await time(arm, Self.readings, meters) / Double(Self.readings)
            // All but the batch are read once more at the end.
            let times = kind == \.every ? 1 : Double(Self.readings) / Double(Self.readings + 1)
            readings.append((max(0, read - before) * times, settings.meters[keyPath: kind]))
            if kind == \.every { before = read } else { meters[keyPath: kind] = 0 }
        }
        return Times(loading: loading, step: (spread + narrow) / 2, readings: readings)
    }

    private static let updates = 16
    private static let readings = 4

    /// The second of two times: what comes first is laid out, and stale data sampled, once.
    private func time(
        _ arm: ArmParts, _ steps: Int, _ meters: MeterSettings, temperature: Double? = nil
    ) async throws(Diagnostic) -> Double {
        var parts = arm.parts
        parts.regimes[0].settings.steps = steps
        if let temperature { parts.regimes[0].settings.temperature = temperature }
        parts.meters = meters
        let run = try PolicyRun(parts)
        _ = try await run.seconds()
        return try await run.seconds()
    }
}

/// Seconds.
private struct Times {
    /// Making world, policy and reward.
    var loading: Double
    /// A selection.
    var whole = 0.0
    var step = 0.0
    /// Of each kind, and after how many steps it is read again.
    var readings: [(seconds: Double, every: Int)] = []
}

/// All that decides how long an update takes, and a reading.
private struct Stretch: Hashable {
    private let place: String
    private let policy: String
    private let regime: RegimeSettings
    private let meters: MeterSettings
    private let terms: [String]
    private let pieces: String

    init(_ settings: RunSettings, _ place: String) {
        self.place = place
        // Adapters and the type that is computed in.
        policy = "\(settings.policy)"
        var regime = settings.regimes[0].settings
        (regime.learningRate, regime.steps) = (0, 0)
        self.regime = regime
        (meters, pieces) = (settings.meters, "\(settings.pieces)")
        terms = settings.terms.map(\.spec.description)
    }
}

extension RunSettings {
    /// The run in parts in which nothing changes, each as a run of its own, and the updates that they have.
    ///
    /// - Parameter isListed: whether planted and learned rewards are tables over the world's responses. They cost the same; gold takes
    ///   their place.
    func stretches(isListed: Bool) -> [(settings: RunSettings, steps: Range<Int>)] {
        let steps = regimes[0].settings.steps
        guard regimes[0].settings.trains else { return [(stretch(at: 0, isListed), 0..<0)] }
        let changes =
            regimes.map(\.from) + terms.map(\.from) + terms.compactMap(\.until) + pieces.compactMap(\.until)
        return Studies.stretches(of: steps, changingAt: changes).map { (stretch(at: $0.lowerBound, isListed), $0) }
    }

    private func stretch(at step: Int, _ isListed: Bool) -> RunSettings {
        var settings = self
        settings.regimes = [(0, regimes.settings(at: step))]
        settings.promptSwaps = []
        for index in pieces.indices {
            // What is taken away is still read on and off.
            if step >= pieces[index].until ?? .max { settings.pieces[index].training = .absent }
            settings.pieces[index].until = nil
        }
        settings.terms = terms.filter { step >= $0.from && step < $0.until ?? .max }.map { term in
            RewardTermSettings(
                name: term.name, weight: term.weight, spec: isListed ? term.spec.withoutTables : term.spec)
        }
        if settings.terms.isEmpty { settings.terms = [RewardTermSettings(spec: RewardSpec(.gold))] }
        return settings
    }

    /// How often a term's reward model is trained anew in a run.
    fileprivate func refreshes(of term: RewardTermSettings) -> Int {
        (0..<regimes[0].settings.steps).count(where: term.refreshes)
    }
}

extension PolicySettings {
    /// What base policies, and reward models of their samples, are told apart by.
    func place(in world: any World) -> String {
        JSONValue.array([
            world.settings, baseKey, .string(checkpoint ?? ""), .bool(hasRandomWeights),
        ]).canonicalText
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

import Diagnostics
import Experiment
import JSON
import LanguageModel
import Regimes
import Rewards
import Torch
import Training
import Worlds

/// How fast runs go here, measured on a small run of a second.
public struct RunSpeed: Sendable {
    /// What a step of the measured run took, and its floating-point operations.
    let secondsPerStep: Double
    let operationsPerStep: Double
    /// What reading all meters once took.
    let secondsPerReading: Double
    /// Making world, reward and policy; a worker's own start is shared by its runs.
    static let startup = 0.12

    /// Measures, on one thread as an arm of a study runs.
    public static func measured() throws(Diagnostic) -> RunSpeed {
        let plain = try time(readingEvery: 0)
        let read = try time(readingEvery: 1)
        let cost = try RunCheck.cost(settings(readingEvery: 0), path: "run", folder: "")
        return RunSpeed(
            secondsPerStep: plain / Double(steps), operationsPerStep: cost.flops / Double(steps),
            // Each step was read twice: its batch, and exactly.
            secondsPerReading: max(0, read - plain) / Double(2 * steps))
    }

    /// What a run of each arm of a plan takes: in an embedded world by the speed of a small run, elsewhere by a probe of the arm itself.
    ///
    /// - Throws: what loading a policy, its prompts or its reward throws.
    public static func forecasts(of plan: StudyPlan) throws(Diagnostic) -> [ArmForecast] {
        var speed: RunSpeed?
        var forecasts: [ArmForecast] = []
        for (arm, cost) in zip(plan.arms, plan.costs) {
            if let original = arm.original {
                forecasts.append(forecasts[original])
            } else if try RunSettings(arm.settings, path: "run", folder: plan.design.folder).isEmbedded {
                let known: RunSpeed
                if let speed { known = speed } else { known = try measured() }
                speed = known
                forecasts.append(ArmForecast(seconds: known.seconds(for: cost), memory: cost.memory))
            } else {
                forecasts.append(try probed(arm.settings, folder: plan.design.folder))
            }
        }
        return forecasts
    }

    private static func probed(_ settings: JSONValue, folder: String) throws(Diagnostic) -> ArmForecast {
        let result = Waiter<ArmForecast>()
        Task.detached {
            do throws(Diagnostic) {
                result.give(.success(try await RunProbe.forecast(settings, folder: folder)))
            } catch { result.give(.failure(error)) }
        }
        return try result.wait()
    }

    private static let steps = 120

    private static func settings(readingEvery every: Int) -> JSONValue {
        [
            "world": ["kind": "lookup"], "regime": ["kind": "grpo", "steps": .integer(steps)],
            "meters": ["every": .integer(every), "exact-every": .integer(every)],
        ]
    }

    private static func time(readingEvery every: Int) throws(Diagnostic) -> Double {
        let settings = settings(readingEvery: every)
        let result = Waiter<Double>()
        Task.detached {
            do throws(Diagnostic) { result.give(.success(try await time(settings))) } catch {
                result.give(.failure(error))
            }
        }
        return try result.wait()
    }

    /// A step's fixed part stays, the rest grows with its operations.
    public func seconds(for cost: ArmCost) -> Double {
        let operations = cost.flops / Double(max(cost.steps, 1))
        let perStep = secondsPerStep * max(0.4, 0.45 + 0.55 * operations / operationsPerStep)
        return Self.startup + Double(cost.steps + cost.preparation) * perStep
            + Double(cost.readings) * secondsPerReading
    }

    @TensorActor
    private static func time(_ value: JSONValue) async throws(Diagnostic) -> Double {
        var settings = try RunSettings(value, path: "run", folder: "")
        // Random weights: the time is the same, and no base has to be made.
        settings.policy.base.steps = 0
        let threads = try TorchLibrary.threads()
        try TorchLibrary.setThreads(1)
        let world = try settings.makeWorld()
        let shape = settings.policy.shape(vocabulary: world.vocabularySize, positions: 64, endTokens: world.endTokens)
        let reference = try Decoder(random: try ModelConfiguration(shape), seed: 0)
        let policy = try TrainablePolicy(reference)
        let reward = try await RewardSum(settings.terms, context: RunRewardContext(world: world, seed: 0))
        var parts = PolicyRun.Parts(
            world: world, policy: policy, reference: reference, reward: reward,
            regime: settings.regimes[0].settings, meters: settings.meters, streams: RunStreams(seed: 0))
        parts.rewardTable = world.enumeration?.gold
        let run = try PolicyRun(parts)
        let start = ContinuousClock.now
        try await run.run { (_) throws(Diagnostic) in }
        let seconds = start.duration(to: .now) / .seconds(1)
        try TorchLibrary.setThreads(threads)
        return seconds
    }
}

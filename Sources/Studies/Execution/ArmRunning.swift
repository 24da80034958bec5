import Diagnostics
import Experiment
import JSON

/// Runs arms, in a worker process. Whoever trains policies implements it.
public protocol ArmRunning: Sendable {
    /// Executes one run and reports what its meters read, step by step.
    ///
    /// The readings must be a function of the job's settings and seed alone (``StepReadings/isTime(_:)`` says which are
    /// excepted), and the same however often the run was begun before: a run that was killed is run again.
    ///
    /// - Parameter report: to be called once a step, in the order of steps. It throws where the study is gone.
    /// - Returns: how the run ended; a loss that is not finite is an end (`diverged`) and not an error.
    /// - Throws: where the run cannot be executed. Other runs of the arm are then tried all the same.
    func run(
        _ job: ArmJob, report: @escaping @Sendable (StepReadings) throws(Diagnostic) -> Void
    ) async throws(Diagnostic) -> ArmOutcome
}

/// One run to execute.
public struct ArmJob: Sendable, Hashable {
    /// The study's name.
    public var study: String
    public var arm: String
    /// Factor to level.
    public var levels: JSONObject
    /// The run's place in the study's plan.
    public var position: Int
    public var seed: Int
    /// The settings map of docs/design/runs.md; `streams: aa` where the sampling streams are to be keyed anew.
    public var settings: JSONValue
    /// Where relative paths in the settings start.
    public var folder: String
    /// A folder for this run's checkpoints, the same when the run is begun again. Nobody has made it yet.
    public var checkpoints: String
    /// The last step whose readings are recorded, where the run was begun before. It may go on from a checkpoint of that
    /// step or an earlier one, never of a later one, whose readings may be lost.
    public var recordedStep: Int?

    public init(
        study: String, arm: String, levels: JSONObject = [:], position: Int = 0, seed: Int, settings: JSONValue,
        folder: String = ".", checkpoints: String, recordedStep: Int? = nil
    ) {
        self.study = study
        self.arm = arm
        self.levels = levels
        self.position = position
        self.seed = seed
        self.settings = settings
        self.folder = folder
        self.checkpoints = checkpoints
        self.recordedStep = recordedStep
    }
}

/// How a run ended.
public enum ArmOutcome: Sendable, Hashable {
    /// All steps were made.
    /// - Parameter tokens: tokens computed.
    case done(tokens: Int)
    /// A loss, a gradient or a reward was not finite at a step, and the run was stopped there.
    case diverged(step: Int, reason: String, tokens: Int)
}

extension StepReadings {
    /// Whether a meter reads a clock: a part of its name between dots and hyphens is `second`, `seconds` or `time`, as in
    /// `cost.seconds` or `gold.per-second`. Such readings differ from run to run; digests leave them out.
    public static func isTime(_ meter: String) -> Bool {
        meter.split { $0 == "." || $0 == "-" }.contains { ["second", "seconds", "time"].contains($0) }
    }
}

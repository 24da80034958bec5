public import JSON

/// A study's design as it was fixed before its first step.
public struct DesignRecord: Sendable, Hashable {
    /// Canonical JSON of all that decides the study: settings, factors, seeds, controls, analyses and verdict rules.
    public var text: String
    /// SHA-256 of ``text``, in hexadecimal.
    public var digest: String
    /// The study as its author wrote it.
    public var source: String

    public init(_ design: JSONValue, source: String) {
        text = design.canonicalText
        digest = SHA256Digest.hexadecimal(of: text.utf8)
        self.source = source
    }

    init(text: String, digest: String, source: String) {
        self.text = text
        self.digest = digest
        self.source = source
    }
}

/// One run of one arm of a study: one seed.
public struct ArmRunRecord: Sendable, Hashable {
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// Not begun, at work, or stopped with the study.
        case pending
        case done
        /// Its loss or a reward was not finite: it was stopped at ``ArmRunRecord/stoppedStep``. A result, not a fault.
        case diverged
        /// It could not be run, or its process died.
        case failed

        /// Whether there is nothing left to do.
        public var isFinal: Bool { self == .done || self == .diverged }
    }

    /// The place in the study's plan, counted from 0.
    public var position: Int
    public var arm: String
    /// A map from factors to levels.
    public var levels: JSONValue
    public var seed: Int
    public var settings: JSONValue
    public var status: Status
    /// The step at which the run diverged.
    public var stoppedStep: Int?
    /// Why it diverged or failed.
    public var message: String?
    public var cost: RunCost

    public init(
        position: Int, arm: String, levels: JSONValue = [:], seed: Int, settings: JSONValue, status: Status = .pending,
        stoppedStep: Int? = nil, message: String? = nil, cost: RunCost = RunCost()
    ) {
        self.position = position
        self.arm = arm
        self.levels = levels
        self.seed = seed
        self.settings = settings
        self.status = status
        self.stoppedStep = stoppedStep
        self.message = message
        self.cost = cost
    }

    /// SHA-256, in hexadecimal, of the settings' canonical text.
    public var settingsDigest: String { SHA256Digest.hexadecimal(of: settings.canonicalText.utf8) }
}

/// What was read at one step of an arm's run.
public struct StepRecord: Sendable, Hashable {
    /// ``ArmRunRecord/position``
    public var armRun: Int
    /// Updates made before the reading.
    public var step: Int
    /// A map from meters to `[value, standard error, n]` (and clusters, where they are not n), in the order read.
    public var readings: JSONValue
    /// The same of the meters that read a clock. They are left out of the run's digest.
    public var times: JSONValue

    public init(armRun: Int, step: Int, readings: JSONValue, times: JSONValue = [:]) {
        self.armRun = armRun
        self.step = step
        self.readings = readings
        self.times = times
    }
}

/// How an arm's run ended.
public struct ArmRunEnd: Sendable, Hashable {
    /// ``ArmRunRecord/position``
    public var armRun: Int
    public var status: ArmRunRecord.Status
    public var stoppedStep: Int?
    public var message: String?
    /// What the run took since it was last begun.
    public var cost: RunCost

    public init(
        armRun: Int, status: ArmRunRecord.Status, stoppedStep: Int? = nil, message: String? = nil,
        cost: RunCost = RunCost()
    ) {
        self.armRun = armRun
        self.status = status
        self.stoppedStep = stoppedStep
        self.message = message
        self.cost = cost
    }
}

/// What a study's workers have said since the last transaction.
public struct StudyProgress: Sendable, Hashable {
    public var steps: [StepRecord]
    public var ends: [ArmRunEnd]

    public init(steps: [StepRecord] = [], ends: [ArmRunEnd] = []) {
        self.steps = steps
        self.ends = ends
    }

    public var isEmpty: Bool { steps.isEmpty && ends.isEmpty }
}

/// One thing that a study found: a contrast, a verdict, a fit, a caution.
public struct FindingRecord: Sendable, Hashable {
    public var kind: String
    public var content: JSONValue

    public init(kind: String, content: JSONValue) {
        self.kind = kind
        self.content = content
    }
}

import Diagnostics
import Experiment
import JSON
import Rewards

/// What is read and how often: the `meters` map of a run's settings. Reading changes nothing.
public struct MeterSettings: Sendable, Hashable {
    /// Steps between readings of the batch that is trained on; 0: never.
    public var every: Int
    /// Steps between exact readings, where the world can be enumerated; 0: never.
    public var exactEvery: Int
    /// Steps between readings on held-out prompts; 0: never.
    public var heldOutEvery: Int
    /// Held-out prompts that are read, at most.
    public var heldOutPrompts: Int
    /// Responses a held-out prompt.
    public var heldOutSamples: Int
    /// Above this x = log π_ref − log π, k3 is cut and the cut counted.
    public var klClamp: Double
    /// Whether a response counts as right for pass@k: gold at least this.
    public var passThreshold: Double
    /// What of a response agreement and calibration compare.
    public var answer: AnswerReader

    /// Reads a `meters` map.
    public init(_ value: JSONValue, path: String = "meters") throws(Diagnostic) {
        var reader = try SettingsReader(value, path: path)
        every = try reader.integer("every", default: 1, in: 0...1_000_000)
        exactEvery = try reader.integer("exact-every", default: 15, in: 0...1_000_000)
        heldOutEvery = try reader.integer("held-out-every", default: 0, in: 0...1_000_000)
        heldOutPrompts = try reader.integer("held-out-prompts", default: 64, in: 1...1_000_000)
        heldOutSamples = try reader.integer("held-out-samples", default: 4, in: 1...4096)
        klClamp = try reader.number("kl-clamp", default: 20, in: .positive)
        passThreshold = try reader.number("pass-threshold", default: 1, in: .finite)
        let answer = reader.value("answer") ?? "whole"
        self.answer = try AnswerReader(answer, path: reader.path(of: "answer"))
        try reader.finish()
    }

    /// No reading at all.
    public static let none = MeterSettings()

    private init() {
        (every, exactEvery, heldOutEvery, heldOutPrompts, heldOutSamples) = (0, 0, 0, 1, 1)
        (klClamp, passThreshold, answer) = (20, 1, .whole)
    }

    func reads(_ every: Int, at step: Int, last: Int) -> Bool {
        every > 0 && (step % every == 0 || step == last)
    }
}

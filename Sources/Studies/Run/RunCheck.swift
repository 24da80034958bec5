import Diagnostics
import Experiment
import JSON
import LanguageModel
import Regimes
import Rewards
import Worlds

/// Says what a run takes, or why it cannot be, without running it.
public enum RunCheck {
    /// - Parameters:
    ///   - folder: what paths in the settings are relative to.
    /// - Throws: `usage` naming the field at fault.
    public static func cost(
        _ value: JSONValue, path: String, folder: String
    ) throws(Diagnostic) -> ArmCost {
        let settings = try RunSettings(value, path: path, folder: folder)
        let world = try settings.makeWorld()
        for (_, regime) in settings.regimes where regime.needsEnumeration && world.enumeration == nil {
            throw Diagnostic(
                .usage, "\(regime.kind.rawValue) needs a world whose responses can be listed, and \(world.kind) cannot",
                at: .init(field: "\(path).regime.kind"),
                remedy: "Use best-of-n, grpo, rloo, dpo, rejection-ft or sft, or the world lookup or match")
        }
        if !settings.isEmbedded, settings.policy.checkpoint == nil {
            throw Diagnostic(
                .usage, "a world of prompts needs a policy that can read them",
                at: .init(field: "\(path).policy.checkpoint"), remedy: "Name a checkpoint folder")
        }
        return try cost(settings, world)
    }

    private static func readings(_ settings: RunSettings, steps: Int) -> Int {
        guard settings.regimes[0].settings.trains else { return steps }
        let meters = settings.meters
        return [meters.every, meters.exactEvery, meters.heldOutEvery].reduce(0) { $0 + ($1 > 0 ? steps / $1 : 0) }
    }

    private static func cost(_ settings: RunSettings, _ world: any World) throws(Diagnostic) -> ArmCost {
        let regime = settings.regimes[0].settings
        let configuration = try settings.policy.configuration(in: world)
        let weights = Double(
            configuration.linearParametersPerToken + configuration.width * configuration.vocabularySize)
        let prompt = (world.prompts.reduce(0) { $0 + $1.tokens.count }) / max(world.prompts.count, 1)
        let response = min(world.maximumTokens, 256)
        let perPrompt = prompt + regime.groupSize * response
        let steps = regime.trains ? regime.steps : regime.sizes.count
        let tokens = steps * regime.promptsPerStep * perPrompt * (regime.trains ? 2 : 1)
        return ArmCost(
            steps: steps, tokens: tokens, flops: 4 * weights * Double(tokens),
            memory: 300 << 20 + Int(weights) * 24, readings: readings(settings, steps: steps),
            preparation: settings.terms.count { $0.spec.kind == .learned } * LearnedSettings.steps)
    }
}

extension PolicySettings {
    func configuration(in world: any World) throws(Diagnostic) -> ModelConfiguration {
        if let checkpoint { return try ModelConfiguration(directory: checkpoint) }
        return try ModelConfiguration(
            shape(vocabulary: world.vocabularySize, positions: 64, endTokens: world.endTokens))
    }
}

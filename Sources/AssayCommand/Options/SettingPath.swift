import Diagnostics

/// Where a setting of a run comes from: what a study file calls by its path, `assay run` calls by an option.
enum SettingPath {
    private static let options: [(path: String, option: String)] = [
        ("run.policy.checkpoint", "--policy"), ("run.policy.weights", "--from-scratch"),
        ("run.policy.lora", "--lora"), ("run.policy.dtype", "--dtype"), ("run.regime.kind", "--regime"),
        ("run.regime.kl.coefficient", "--kl"), ("run.regime.kl.place", "--kl-place"),
        ("run.regime.kl.estimator", "--kl-estimator"), ("run.reward", "--reward"),
        ("factors.reward", "--reward"), ("run.world.prompt", "--prompt-field"),
        ("run.world.maximum-tokens", "--max-tokens"), ("run.world.gold", "--gold"), ("run.world.file", "--prompts"),
        ("run.meters.held-out-every", "--evaluate-every"), ("run.meters.held-out-prompts", "--held-out"),
        ("run.checkpoints.every", "--checkpoint-every"), ("run.pieces", "--verifier or --hint"),
    ]

    /// The error with the option instead of the setting's path; a line that is of no file is left out.
    static func naming(optionsIn error: Diagnostic) -> Diagnostic {
        var error = error
        guard error.location.file == nil else { return error }
        error.location.line = nil
        error.location.field = error.location.field.map(option)
        return error
    }

    private static func option(_ path: String) -> String {
        if let named = options.first(where: { isPart(path, of: $0.path) }) { return named.option }
        // The other settings are called as their options are.
        guard path.hasPrefix("run."), let name = path.split(separator: ".").last else { return path }
        return "--\(name)"
    }

    private static func isPart(_ path: String, of whole: String) -> Bool {
        path == whole || path.hasPrefix("\(whole).") || path.hasPrefix("\(whole)[")
    }
}

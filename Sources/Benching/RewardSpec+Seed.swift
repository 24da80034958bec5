import Rewards

extension RewardSpec {
    /// The same spec where every coin that names no seed has this one, so that the canonical text says what was drawn.
    /// Seed 0 is the coin's own and stays unwritten.
    func seeded(by seed: UInt64) -> RewardSpec {
        var values: [String: String] = [:]
        for parameter in parameters { values[parameter.key] = parameter.value }
        if kind.source == .members {
            return RewardSpec(kind, members: members.map { $0.seeded(by: seed) }, parameters: values)
        }
        if kind == .rule, source == "coin", seed != 0, values["seed"] == nil { values["seed"] = String(seed) }
        return RewardSpec(kind, source: source, parameters: values)
    }
}

import Diagnostics

/// The outcome of a run when its divergence first reached a level, by linear interpolation between the readings on either
/// side, so that runs can be compared at equal KL.
///
/// - Parameters:
///   - divergences: KL to the reference at successive readings, in nats; may go up and down.
///   - outcomes: of the same readings.
///   - level: the KL at which runs are compared.
/// - Returns: `nil` where the run never came so far, or was beyond it at its first reading (missing is not zero).
/// - Throws: `badData` for a value that is not finite.
public func outcome(
    atDivergence level: Double, divergences: [Double], outcomes: [Double]
) throws(Diagnostic) -> Double? {
    try Requirement.sameCount(divergences.count, outcomes.count, "divergences and outcomes")
    try Requirement.finite(divergences, "divergences")
    try Requirement.finite(outcomes, "outcomes")
    guard let reached = divergences.firstIndex(where: { $0 >= level }) else { return nil }
    if divergences[reached] == level { return outcomes[reached] }
    guard reached > 0 else { return nil }
    let before = reached - 1
    let share = (level - divergences[before]) / (divergences[reached] - divergences[before])
    return outcomes[before] + share * (outcomes[reached] - outcomes[before])
}

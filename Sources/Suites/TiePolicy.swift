/// What a tie between scores is worth.
///
/// Each suite has the policy of its source (``Suite/defaultTies``); another one can be asked for, and the result says which
/// was used.
public enum TiePolicy: String, Sendable, Hashable, CaseIterable {
    /// A tie counts as a failure.
    case strict
    /// A tie counts one half.
    case half
    /// The credit is shared among all that are tied: one half in a pair, 1/m where m of several responses stand at the top.
    case share

    /// The credit of a comparison: 1 where the preferred score is greater, 0 where it is smaller.
    func credit(preferred: Double, other: Double) -> Double {
        if preferred == other { return self == .strict ? 0 : 0.5 }
        return preferred > other ? 1 : 0
    }

    /// The credit of a pick among several: 1 where the first score is greater than all others, 0 where one is greater.
    func credit(firstOf scores: [Double]) -> Double {
        guard let first = scores.first, !scores.contains(where: { $0 > first }) else { return 0 }
        let tied = scores.count { $0 == first }
        guard tied > 1 else { return 1 }
        switch self {
        case .strict: return 0
        case .half: return 0.5
        case .share: return 1 / Double(tied)
        }
    }
}

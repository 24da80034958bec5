import Diagnostics

/// The chance that at least one of k samples is correct, unbiased, from `total` samples of which `correct` are.
///
/// Chen et al., "Evaluating Large Language Models Trained on Code", 2021, eq. 1: 1 − C(total − correct, k)/C(total, k), as the
/// product of 1 − k/i over total − correct < i ≤ total.
///
/// - Throws: `badData` where `correct` is not in 0...total or k not in 1...total.
public func passAtK(correct: Int, total: Int, k: Int) throws(Diagnostic) -> Double {
    try Requirement.that(0 <= correct && correct <= total, "\(correct) of \(total) is impossible", field: "correct")
    try Requirement.that(1 <= k && k <= total, "pass@\(k) cannot be estimated from \(total) samples", field: "k")
    guard total - correct >= k else { return 1 }
    var miss = 1.0
    for i in (total - correct + 1)..<(total + 1) { miss *= 1 - Double(k) / Double(i) }
    return 1 - miss
}

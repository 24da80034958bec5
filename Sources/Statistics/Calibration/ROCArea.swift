import Diagnostics

/// The area under the ROC curve: the chance that a positive outcome outscores a negative one, ties counting half.
///
/// By the Mann-Whitney statistic (Hanley and McNeil, Radiology 143, 1982).
///
/// - Parameters:
///   - scores: any scale; infinities have their place.
///   - outcomes: parallel to them.
/// - Throws: `badData` for a NaN score, or where all outcomes are alike, which leaves the area undefined.
public func rocArea(scores: [Double], outcomes: [Bool]) throws(Diagnostic) -> Double {
    try Requirement.sameCount(scores.count, outcomes.count, "scores and outcomes")
    let ranks = try averageRanks(scores)
    let positives = Double(outcomes.count { $0 })
    let negatives = Double(outcomes.count) - positives
    try Requirement.that(
        positives > 0 && negatives > 0, "an ROC area needs positive and negative outcomes", field: "outcomes")
    let sum = zip(ranks, outcomes).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    return (sum - positives * (positives + 1) / 2) / (positives * negatives)
}

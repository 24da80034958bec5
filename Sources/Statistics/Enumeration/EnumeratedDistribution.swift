import Diagnostics
import RealModule

/// A distribution over responses that are all listed, so that expectations, entropy and divergences need no sampling.
public struct EnumeratedDistribution: Sendable, Hashable {
    /// In nats, summing to 1 when exponentiated; −∞ for what cannot happen.
    public let logProbabilities: [Double]
    /// The logarithm of what the given probabilities summed to before they were scaled to 1: 0 for a policy that stays
    /// within the list, and below 0 by the mass that it puts elsewhere.
    public let logTotal: Double

    /// - Parameter logProbabilities: in nats, up to a constant, which is taken out; −∞ is allowed.
    /// - Throws: `badData` for no responses, a NaN or +∞, or nothing but −∞.
    public init(logProbabilities: [Double]) throws(Diagnostic) {
        try Requirement.count(logProbabilities, atLeast: 1, "logProbabilities")
        try Requirement.ordered(logProbabilities, "logProbabilities")
        let total = logSumExp(logProbabilities)
        try Requirement.that(total.isFinite, "no distribution has a total of e^\(total)", field: "logProbabilities")
        self.logProbabilities = logProbabilities.map { $0 - total }
        logTotal = total
    }

    /// - Parameter probabilities: not negative; scaled to sum to 1.
    /// - Throws: `badData` for no responses, a negative or infinite weight, or no weight above 0.
    public init(probabilities: [Double]) throws(Diagnostic) {
        try Requirement.finite(probabilities, "probabilities")
        try Requirement.that(
            probabilities.allSatisfy { $0 >= 0 }, "a probability is negative", field: "probabilities")
        try self.init(logProbabilities: probabilities.map { Double.log($0) })
    }

    public var probabilities: [Double] { logProbabilities.map { Double.exp($0) } }

    public var count: Int { logProbabilities.count }

    /// Shannon's entropy −Σ p log p, in nats.
    public var entropy: Double {
        logProbabilities.reduce(0) { $1 == -.infinity ? $0 : $0 - Double.exp($1) * $1 }
    }

    /// Σ p·v.
    ///
    /// - Throws: `badData` where a value is not finite; `internalFailure` where there is not one per response.
    public func expectation(of values: [Double]) throws(Diagnostic) -> Double {
        try requireOnePerResponse(values, "values")
        try Requirement.finite(values, "values")
        return zip(logProbabilities, values).reduce(0) { $0 + Double.exp($1.0) * $1.1 }
    }

    /// KL(self ‖ reference) = Σ p (log p − log q), in nats; infinite where this gives weight to what the reference cannot
    /// produce. Exact.
    public func divergence(from reference: EnumeratedDistribution) throws(Diagnostic) -> Double {
        try Requirement.sameCount(count, reference.count, "the two distributions")
        let sum = zip(logProbabilities, reference.logProbabilities).reduce(0.0) { sum, pair in
            pair.0 == -.infinity ? sum : sum + Double.exp(pair.0) * (pair.0 - pair.1)
        }
        return max(0, sum)
    }

    /// The chance that at least one of k independent draws is among the responses marked, 1 − (1 − p)^k: pass@k, exact.
    ///
    /// - Throws: `badData` where k is below 1.
    public func passAtK(_ k: Int, correct: [Bool]) throws(Diagnostic) -> Double {
        try Requirement.sameCount(count, correct.count, "responses and marks")
        try Requirement.that(k >= 1, "pass@\(k) does not exist", field: "k")
        let wrong = zip(logProbabilities, correct).lazy.filter { !$0.1 }.map(\.0)
        let miss = min(0, logSumExp(Array(wrong)))
        return -Double.expMinusOne(Double(k) * miss)
    }

    func requireOnePerResponse(_ values: [Double], _ name: String) throws(Diagnostic) {
        try Requirement.sameCount(count, values.count, "responses and \(name)")
    }
}

/// log Σ exp(x), without overflow; −∞ for nothing.
func logSumExp(_ values: [Double]) -> Double {
    let largest = values.reduce(-Double.infinity, max)
    guard largest.isFinite else { return largest }
    return largest + Double.log(values.reduce(0) { $0 + Double.exp($1 - largest) })
}

import Diagnostics

/// What a series does at a change point.
public enum ChangeModel: String, Sendable, Hashable, CaseIterable {
    /// Constant, then constant at another level.
    case level
    /// A straight line that bends: continuous, with another slope afterwards.
    case slope
}

/// Where a series most likely changes, and whether it changes at all.
public struct ChangePoint: Sendable, Hashable {
    /// The first reading after the change of a level, or the reading at which a line bends.
    public var index: Int
    /// How the level or the slope (per unit of x) changes, by least squares.
    public var change: Double
    /// Statistic: the largest F over the places tried; p from series without a change.
    public var test: TestResult
    /// The lag-1 autocorrelation of the noise that the null was drawn with.
    public var autocorrelation: Double
}

/// A single change in a series, by the largest F over all places but those within a tenth of either end.
///
/// The sup-F test of Andrews (Econometrica 61, 1993; least-squares dating as in Bai, Review of Economics and Statistics 79,
/// 1997) with p by Monte Carlo instead of its asymptotic tables: series without a change are drawn with Gaussian AR(1) noise of
/// the autocorrelation that the series itself shows about its unbroken fit, corrected for small-sample bias (Kendall,
/// Biometrika 41, 1954: the expected shortfall is (1 + 3φ)/n about a mean, (2 + 4φ)/n about a line), for a slope raised by half
/// its standard error, and kept in 0...0.95. A change inflates that autocorrelation too, so the test is cautious: with 15
/// readings it finds little. docs/design/verdicts.md has the rates measured.
///
/// - Parameters:
///   - values: readings in order, at least 10.
///   - x: where they were read (steps), ascending; `nil` means 0, 1, 2, …
///   - replicates: how many series are drawn.
///   - stream: where they come from.
/// - Returns: p is 1 for a series that its unbroken fit explains to rounding.
/// - Throws: `badData` for fewer than 10 readings, one that is not finite, or places that do not ascend.
public func changePoint(
    _ values: [Double], at x: [Double]? = nil, model: ChangeModel, replicates: Int = 999, stream: RandomStream
) throws(Diagnostic) -> ChangePoint {
    try Requirement.count(values, atLeast: 10, "values")
    try Requirement.finite(values, "values")
    let x = x ?? values.indices.map { Double($0) }
    try Requirement.sameCount(values.count, x.count, "values and places")
    try Requirement.finite(x, "x")
    try Requirement.that(zip(x, x.dropFirst()).allSatisfy { $0 < $1 }, "places do not ascend", field: "x")
    try Requirement.that(replicates > 0, "no replicates were asked for", field: "replicates")
    return ChangeSearch(x: x, model: model).result(values, replicates: replicates, stream: stream)
}

/// The places that are tried, as directions in the space that the unbroken fit leaves.
private struct ChangeSearch {
    private let model: ChangeModel
    /// An orthonormal basis of the unbroken fit: a constant, and a line.
    private var unbroken: [[Double]] = []
    private var candidates: [(index: Int, direction: [Double], length: Double)] = []
    private let freedom: Double

    init(x: [Double], model: ChangeModel) {
        self.model = model
        let n = x.count
        let middle = x.reduce(0, +) / Double(n)
        let terms = [x.map { _ in 1.0 }] + (model == .slope ? [x.map { $0 - middle }] : [])
        for term in terms {
            let rest = Self.projected(term, off: unbroken)
            unbroken.append(rest.map { $0 / Self.length(rest) })
        }
        freedom = Double(n - unbroken.count - 1)
        let trim = max(2, (n + 9) / 10)
        for index in trim..<(n - trim + (model == .level ? 1 : 0)) {
            let broken = x.indices.map { place in
                model == .level ? (place >= index ? 1.0 : 0) : max(0, x[place] - x[index])
            }
            let rest = Self.projected(broken, off: unbroken)
            let length = Self.length(rest)
            if length > 0 { candidates.append((index, rest.map { $0 / length }, length)) }
        }
    }

    func result(_ values: [Double], replicates: Int, stream: RandomStream) -> ChangePoint {
        let rest = Self.projected(values, off: unbroken)
        let scale = values.reduce(0) { max($0, $1.magnitude) }
        let varies = Self.length(rest) > 1e-12 * scale * Double(values.count).squareRoot()
        let phi = varies ? autocorrelation(rest) : 0
        let best = best(rest)
        let p = varies ? pValue(best.f, phi: phi, count: values.count, replicates: replicates, stream: stream) : 1
        let test = TestResult(
            statistic: varies ? best.f : 0, pValue: p,
            method: "largest F for a change of \(model.rawValue), AR(1) Monte Carlo, \(replicates) replicates",
            n: values.count)
        return ChangePoint(index: best.index, change: best.change, test: test, autocorrelation: phi)
    }

    /// The place that explains most of what the unbroken fit leaves.
    private func best(_ rest: [Double]) -> (f: Double, index: Int, change: Double) {
        var best = (share: -1.0, index: 0, change: 0.0)
        for candidate in candidates {
            let along = Self.product(candidate.direction, rest)
            if along * along > best.share { best = (along * along, candidate.index, along / candidate.length) }
        }
        let total = Self.product(rest, rest)
        return (best.share / max(total - best.share, total * 1e-15) * freedom, best.index, best.change)
    }

    private func pValue(_ f: Double, phi: Double, count: Int, replicates: Int, stream: RandomStream) -> Double {
        var stream = stream
        var hits = 0
        for _ in 0..<replicates {
            let noise = Self.projected(Self.noise(count, phi, &stream), off: unbroken)
            if best(noise).f >= f { hits += 1 }
        }
        return Double(hits + 1) / Double(replicates + 1)
    }

    /// Stationary from the first value on.
    private static func noise(_ count: Int, _ phi: Double, _ stream: inout RandomStream) -> [Double] {
        var last = stream.normal() / (1 - phi * phi).squareRoot()
        return (0..<count).map { _ in
            defer { last = phi * last + stream.normal() }
            return last
        }
    }

    private func autocorrelation(_ rest: [Double]) -> Double {
        let raw = Self.product(Array(rest.dropFirst()), Array(rest.dropLast())) / Self.product(rest, rest)
        let n = Double(rest.count)
        // The φ whose expected reading, φ − (1 + 3φ)/n or φ − (2 + 4φ)/n, is the one seen.
        guard model == .slope else { return min(max((n * raw + 1) / (n - 3), 0), 0.95) }
        let corrected = (n * raw + 2) / (n - 4)
        let error = (max(0, 1 - corrected * corrected) / n).squareRoot()
        return min(max(corrected + error / 2, 0), 0.95)
    }

    private static func product(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func length(_ a: [Double]) -> Double { product(a, a).squareRoot() }

    private static func projected(_ values: [Double], off basis: [[Double]]) -> [Double] {
        basis.reduce(values) { rest, unit in
            let along = product(rest, unit)
            return zip(rest, unit).map { $0 - along * $1 }
        }
    }
}

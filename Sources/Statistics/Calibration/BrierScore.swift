import Diagnostics

/// The Brier score and what it is made of: score = reliability − resolution + uncertainty + withinBins.
public struct BrierDecomposition: Sendable, Hashable {
    /// Mean (forecast − outcome)²; lower is better (Brier, Monthly Weather Review 78, 1950).
    public var score: Double
    /// How far forecasts lie from the outcomes they came with; 0 if calibrated.
    public var reliability: Double
    /// How far outcomes of different forecasts lie from each other; higher is better.
    public var resolution: Double
    /// ō(1 − ō), which no forecast can change.
    public var uncertainty: Double
    /// Variance of the forecasts within bins less twice their covariance with the outcomes (Stephenson, Coelho and Jolliffe,
    /// Weather and Forecasting 23, 2008); 0 where the bins are the distinct forecasts.
    public var withinBins: Double
}

/// The Brier score decomposed after Murphy (J. Applied Meteorology 12, 1973) over the distinct forecasts or given bins.
///
/// - Parameters:
///   - forecasts: probabilities of a positive outcome, in [0, 1].
///   - outcomes: parallel to them.
///   - bins: `nil` for the distinct forecasts, where Murphy's three terms are complete.
/// - Throws: as ``calibrationBins(forecasts:outcomes:bins:)``.
public func brierScore(
    forecasts: [Double], outcomes: [Bool], bins: CalibrationBins? = nil
) throws(Diagnostic) -> BrierDecomposition {
    let groups =
        if let bins { try calibrationBins(forecasts: forecasts, outcomes: outcomes, bins: bins) } else {
            try distinctForecasts(forecasts, outcomes)
        }
    let n = Double(forecasts.count)
    let base = Double(outcomes.count { $0 }) / n
    let score = zip(forecasts, outcomes).reduce(0) { $0 + square($1.0 - ($1.1 ? 1 : 0)) } / n
    let reliability = groups.reduce(0) { $0 + Double($1.count) * square($1.meanForecast - $1.meanOutcome) } / n
    let resolution = groups.reduce(0) { $0 + Double($1.count) * square($1.meanOutcome - base) } / n
    let uncertainty = base * (1 - base)
    let rest = bins == nil ? 0 : score - reliability + resolution - uncertainty
    return BrierDecomposition(
        score: score, reliability: reliability, resolution: resolution, uncertainty: uncertainty, withinBins: rest)
}

private func distinctForecasts(_ forecasts: [Double], _ outcomes: [Bool]) throws(Diagnostic) -> [CalibrationBin] {
    try requireForecasts(forecasts, outcomes)
    var groups: [CalibrationBin] = []
    for index in forecasts.indices.sorted(by: { forecasts[$0] < forecasts[$1] }) {
        if groups.last?.meanForecast != forecasts[index] {
            groups.append(CalibrationBin(count: 0, meanForecast: forecasts[index], meanOutcome: 0))
        }
        let last = groups.count - 1
        groups[last].count += 1
        groups[last].meanOutcome += outcomes[index] ? 1 : 0
    }
    return groups.map { group in
        CalibrationBin(
            count: group.count, meanForecast: group.meanForecast, meanOutcome: group.meanOutcome / Double(group.count))
    }
}

private func square(_ x: Double) -> Double { x * x }

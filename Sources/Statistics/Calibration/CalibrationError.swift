import Diagnostics

/// How forecasts are put into bins before they are held against outcomes.
public enum CalibrationBins: Sendable, Hashable {
    /// k bins of equal width, (0, 1/k], …, ((k−1)/k, 1], with 0 in the first (Guo et al., "On Calibration of Modern Neural
    /// Networks", ICML 2017, section 2).
    case equalWidth(Int)
    /// k bins of equal numbers, by rank, as near as they divide (Nguyen and O'Connor, EMNLP 2015; Nixon et al. 2019). The
    /// outcomes of equal forecasts are pooled first, so that the order of rows does not matter where a bin's edge parts them.
    case equalMass(Int)
}

/// One bin's contents.
public struct CalibrationBin: Sendable, Hashable {
    public var count: Int
    public var meanForecast: Double
    /// The share of positive outcomes.
    public var meanOutcome: Double
}

/// The bins of a reliability diagram, ascending; empty ones are left out.
///
/// - Parameters:
///   - forecasts: probabilities of a positive outcome, in [0, 1].
///   - outcomes: parallel to them.
/// - Throws: `badData` for no forecasts, one outside [0, 1] or NaN, or a number of bins below 1.
public func calibrationBins(
    forecasts: [Double], outcomes: [Bool], bins: CalibrationBins = .equalWidth(15)
) throws(Diagnostic) -> [CalibrationBin] {
    try requireForecasts(forecasts, outcomes)
    let order = forecasts.indices.sorted { forecasts[$0] < forecasts[$1] }
    let sorted = order.map { forecasts[$0] }
    let hits = pooled(order.map { outcomes[$0] ? 1 : 0 }, over: sorted)
    let edges = try ends(sorted, bins)
    return zip([0] + edges, edges).compactMap { start, end in
        guard start < end else { return nil }
        let size = Double(end - start)
        return CalibrationBin(
            count: end - start, meanForecast: sorted[start..<end].reduce(0, +) / size,
            meanOutcome: hits[start..<end].reduce(0, +) / size)
    }
}

/// Expected calibration error: Σ over bins of their share times |mean outcome − mean forecast| (Naeini, Cooper and Hauskrecht,
/// AAAI 2015; Guo et al. 2017, eq. 3).
///
/// It is biased upwards in small samples: even a calibrated forecast has a positive expectation, which grows with the bins.
///
/// - Throws: as ``calibrationBins(forecasts:outcomes:bins:)``.
public func expectedCalibrationError(
    forecasts: [Double], outcomes: [Bool], bins: CalibrationBins = .equalWidth(15)
) throws(Diagnostic) -> Double {
    let bins = try calibrationBins(forecasts: forecasts, outcomes: outcomes, bins: bins)
    let gaps = bins.reduce(0) { $0 + Double($1.count) * ($1.meanOutcome - $1.meanForecast).magnitude }
    return gaps / Double(forecasts.count)
}

func requireForecasts(_ forecasts: [Double], _ outcomes: [Bool]) throws(Diagnostic) {
    try Requirement.sameCount(forecasts.count, outcomes.count, "forecasts and outcomes")
    try Requirement.count(forecasts, atLeast: 1, "forecasts")
    if let index = forecasts.firstIndex(where: { !(0...1).contains($0) }) {
        throw Diagnostic(.badData, "\(forecasts[index]) is no probability", at: .init(field: "forecasts[\(index)]"))
    }
}

/// Each outcome replaced by the mean over the forecasts equal to its own.
private func pooled(_ outcomes: [Double], over sorted: [Double]) -> [Double] {
    var pooled = outcomes
    var start = 0
    while start < sorted.count {
        var end = start
        while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
        let mean = outcomes[start..<end].reduce(0, +) / Double(end - start)
        for place in start..<end { pooled[place] = mean }
        start = end
    }
    return pooled
}

/// Where each bin ends among the sorted forecasts.
private func ends(_ sorted: [Double], _ bins: CalibrationBins) throws(Diagnostic) -> [Int] {
    switch bins {
    case .equalWidth(let count):
        try Requirement.that(count >= 1, "\(count) bins are too few", field: "bins")
        var place = 0
        return (1...count).map { bin in
            while place < sorted.count, bin == count || sorted[place] <= Double(bin) / Double(count) { place += 1 }
            return place
        }
    case .equalMass(let count):
        try Requirement.that(count >= 1, "\(count) bins are too few", field: "bins")
        return (1...count).map { $0 * sorted.count / count }
    }
}

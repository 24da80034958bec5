import Diagnostics
import Experiment
import Statistics

extension RunReadings {
    /// What was read last, of a run that came to its end.
    func final(_ meter: String) -> Double? { finalPoint(meter)?.value }

    func finalPoint(_ meter: String) -> Point? { isDone ? series[meter]?.last : nil }

    /// What was read of the policy that the run began with, or first.
    func first(_ meter: String) -> Double? { series[meter]?.first?.value }

    /// What was read at a step.
    func value(_ meter: String, at step: Int) -> Double? { series[meter]?.first { $0.step == step }?.value }

    /// The last reading within the first part of a run.
    func value(_ meter: String, upTo share: Double) -> Double? {
        let end = share * Double(lastStep)
        return series[meter]?.last { Double($0.step) <= end + 1e-9 }?.value
    }

    /// Readings of several meters at the steps where all of them were read.
    func together(_ meters: [String]) -> [(step: Int, values: [Double])] {
        guard let first = meters.first, let points = series[first] else { return [] }
        let others = meters.dropFirst().map { meter in
            Dictionary(series[meter]?.map { ($0.step, $0.value) } ?? [], uniquingKeysWith: { $1 })
        }
        return points.compactMap { point in
            let rest = others.compactMap { $0[point.step] }
            return rest.count == others.count ? (point.step, [point.value] + rest) : nil
        }
    }
}

extension ArmReadings {
    /// One a seed; `nil` where the run has no outcome.
    func finals(_ meter: String) -> [Double?] { runs.map { $0.final(meter) } }

    func firsts(_ meter: String) -> [Double?] { runs.map { $0.first(meter) } }

    func values(_ meter: String, at step: Int) -> [Double?] { runs.map { $0.value(meter, at: step) } }

    func values(_ meter: String, upTo share: Double) -> [Double?] { runs.map { $0.value(meter, upTo: share) } }

    /// How many runs have an outcome of a meter.
    func outcomes(_ meter: String) -> Int { finals(meter).count { $0 != nil } }

    /// How many runs have readings of a meter, whether they came to their end or not.
    func readings(_ meter: String) -> Int { runs.count { $0.series[meter] != nil } }

    /// Whether any run has a reading.
    func has(_ meter: String) -> Bool { runs.contains { $0.series[meter] != nil } }

    /// The mean over seeds of what was read last, with its t interval; of a single run what it read, with the interval of that
    /// reading. `nil` where no seed has an outcome.
    func final(_ meter: String, level: Double) throws(Diagnostic) -> Estimate? {
        isSingle
            ? runs[0].finalPoint(meter)?.estimate(level: level) : try seedMean(finals(meter), of: meter, level: level)
    }

    /// The mean over seeds at each step, with its t interval; steps that some run lacks say how many had them in `n`. Of a single
    /// run what it read, with the intervals of those readings.
    func path(_ meter: String, level: Double) throws(Diagnostic) -> [(step: Int, mean: Estimate)] {
        if isSingle { return (runs[0].series[meter] ?? []).map { ($0.step, $0.estimate(level: level)) } }
        var values: [Int: [Double]] = [:]
        for run in runs {
            for point in run.series[meter] ?? [] { values[point.step, default: []].append(point.value) }
        }
        var path: [(Int, Estimate)] = []
        for (step, values) in values.sorted(by: { $0.key < $1.key }) {
            path.append((step, try meanOfSeeds(values, of: meter, level: level)))
        }
        return path
    }
}

extension RunReadings.Point {
    /// The reading with Student's interval of its standard error over its clusters; unbounded where it has none.
    func estimate(level: Double) -> Estimate {
        let degrees = Double(max(clusters - 1, 1))
        let reach = standardError.map {
            $0 == 0 ? 0 : $0 * StudentTDistribution(degreesOfFreedom: degrees).quantile((1 + level) / 2)
        }
        let interval = Interval(
            lower: value - (reach ?? .infinity), upper: value + (reach ?? .infinity), level: level,
            method: "Student t, df \(Int(degrees))",
            validity: .fixedN)
        return Estimate(point: value, standardError: standardError, interval: interval, n: n, clusters: clusters)
    }
}

/// The mean over seeds of a meter with a t interval, cut to what the meter can be; `nil` where no seed has a value.
func seedMean(_ values: [Double?], of meter: String, level: Double) throws(Diagnostic) -> Estimate? {
    let known = values.compactMap { $0 }
    return known.isEmpty ? nil : try meanOfSeeds(known, of: meter, level: level)
}

/// The mean in a table; alone where all seeds agree, which says nothing of how much others would differ.
func seedCell(_ values: [Double?], of meter: String, level: Double) throws(Diagnostic) -> FindingTable.Cell {
    let known = values.compactMap { $0 }
    if known.count > 1, known.allSatisfy({ $0 == known[0] }) { return .number(known[0]) }
    return try seedMean(values, of: meter, level: level)?.tableCell ?? .missing
}

private func meanOfSeeds(_ values: [Double], of meter: String, level: Double) throws(Diagnostic) -> Estimate {
    var mean = try studentMean(values, level: level)
    // Where all agree there is no interval to be cut.
    if mean.interval.isBounded { mean.interval = mean.interval.clipped(to: MeterName.range(of: meter)) }
    return mean
}

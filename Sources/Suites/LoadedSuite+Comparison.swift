import Diagnostics
import Experiment
import Statistics

extension LoadedSuite {
    /// How another reward differs from the first one in each line of the table: the other's number less the first one's.
    ///
    /// The test is exact McNemar where each prompt has one binary outcome, a sign-flip over prompts for other means and for
    /// composites (each prompt's contribution keeps its section's weight), and none for normalised margins, whose interval
    /// comes from a bootstrap over prompts, as a composite's does.
    ///
    /// - Parameters:
    ///   - first: scores parallel to ``items``.
    ///   - other: scores parallel to ``items``.
    /// - Throws: `badData` where scores do not fit the items or are NaN, naming the row.
    public func compare(
        _ first: [GroupScore], _ other: [GroupScore], _ options: EvaluationOptions = EvaluationOptions()
    ) throws(Diagnostic) -> [SuiteDifference] {
        let sheets = (
            try ScoreSheet(self, first, ties: options.ties), try ScoreSheet(self, other, ties: options.ties)
        )
        var differences: [SuiteDifference] = []
        for metric in metrics {
            if let difference = try metric.difference(sheets.0, sheets.1, options) { differences.append(difference) }
        }
        return differences
    }
}

extension Metric {
    fileprivate func difference(
        _ first: ScoreSheet, _ other: ScoreSheet, _ options: EvaluationOptions
    ) throws(Diagnostic) -> SuiteDifference? {
        let found: (estimate: Estimate, test: TestResult?)?
        switch quantity {
        case .means(let parts):
            found = try difference(
                first.outcomes(parts, onlyUntruncated: false), other.outcomes(parts, onlyUntruncated: false), options)
        case .normalizedMargin(let items, let spread):
            found = try difference(
                NormalizedMargin(first.pairs(items, onlyUntruncated: false), spread),
                NormalizedMargin(other.pairs(items, onlyUntruncated: false), spread), items.count, options)
        }
        return found.map {
            SuiteDifference(metric: name, subset: subset, estimate: $0.estimate, test: $0.test, isDetail: isDetail)
        }
    }

    private func difference(
        _ first: [WeightedOutcomes], _ other: [WeightedOutcomes], _ options: EvaluationOptions
    ) throws(Diagnostic) -> (estimate: Estimate, test: TestResult?) {
        let parts = zip(other, first).map { $0.subtracting($1) }
        let means = WeightedMeans(parts)
        guard parts.count == 1 else {
            var estimate = try means.bootstrap(options, stream: stream(options))
            estimate.n = parts.distinctCount
            let contributions = means.contributions.map { $0 * Double(means.clusterCount) }
            return (estimate, try signFlip(contributions, estimate.point, options))
        }
        let estimate = try pairedDifference(
            other[0].values, first[0].values, clusters: other[0].clusters, level: options.level, range: parts[0].range)
        if let test = mcNemar(first[0], other[0], clusterCount: means.clusterCount) { return (estimate, test) }
        return (estimate, try signFlip(means.totals, estimate.point, options))
    }

    /// McNemar's test where it fits: one outcome a prompt, and each 0 or 1.
    private func mcNemar(_ first: WeightedOutcomes, _ other: WeightedOutcomes, clusterCount: Int) -> TestResult? {
        let isBinary = (first.values + other.values).allSatisfy { $0 == 0 || $0 == 1 }
        guard isBinary, first.values.count == clusterCount else { return nil }
        let pairs = zip(first.values, other.values)
        return exactMcNemar(firstOnly: pairs.count { $0 > $1 }, secondOnly: pairs.count { $0 < $1 })
    }

    private func signFlip(
        _ differences: [Double], _ point: Double, _ options: EvaluationOptions
    ) throws(Diagnostic) -> TestResult {
        var test = try signFlipTest(differences, replicates: options.flips, stream: stream(options))
        test.statistic = point
        return test
    }

    private func difference(
        _ first: NormalizedMargin, _ other: NormalizedMargin, _ pairs: Int, _ options: EvaluationOptions
    ) throws(Diagnostic) -> (estimate: Estimate, test: TestResult?)? {
        let whole = [Int](repeating: 1, count: first.clusterCount)
        guard first(whole).isFinite, other(whole).isFinite else { return nil }
        var estimate = try clusterBootstrap(
            clusters: first.clusterCount, replicates: options.replicates, level: options.level, stream: stream(options)
        ) { (multiplicities) throws(Diagnostic) in other(multiplicities) - first(multiplicities) }
        estimate.n = pairs
        return (estimate, nil)
    }
}

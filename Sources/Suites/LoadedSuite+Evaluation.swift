import Diagnostics
import Experiment
import Statistics

extension LoadedSuite {
    /// The table of one reward's scores by the suite's rule.
    ///
    /// - Parameters:
    ///   - scores: parallel to ``items``.
    ///   - options: tie policy, level, seed.
    /// - Throws: `badData` where scores do not fit the items or are NaN, naming the row.
    public func evaluate(
        _ scores: [GroupScore], _ options: EvaluationOptions = EvaluationOptions()
    ) throws(Diagnostic) -> SuiteResult {
        let sheet = try ScoreSheet(self, scores, ties: options.ties)
        var rows: [SuiteRow] = []
        for metric in metrics {
            if let row = try metric.row(sheet, options) { rows.append(row) }
        }
        return SuiteResult(suite: suite, ties: sheet.ties, rows: rows)
    }
}

extension Metric {
    /// The metric's line; `nil` where these scores leave it undefined (rewards that do not vary have no normalised margin).
    fileprivate func row(_ sheet: ScoreSheet, _ options: EvaluationOptions) throws(Diagnostic) -> SuiteRow? {
        guard let whole = try estimate(sheet, options, onlyUntruncated: false) else { return nil }
        let items = sheet.items(of: self)
        let truncated = sheet.countTruncated(items)
        return SuiteRow(
            metric: name, subset: subset, estimate: whole.estimate, items: items.count, ties: whole.ties,
            truncated: truncated,
            untruncated: truncated > 0 ? try estimate(sheet, options, onlyUntruncated: true)?.estimate : nil,
            weight: weight, isDetail: isDetail)
    }

    private func estimate(
        _ sheet: ScoreSheet, _ options: EvaluationOptions, onlyUntruncated: Bool
    ) throws(Diagnostic) -> (estimate: Estimate, ties: Int)? {
        switch quantity {
        case .means(let parts):
            let outcomes = try sheet.outcomes(parts, onlyUntruncated: onlyUntruncated)
            guard !outcomes.contains(where: \.values.isEmpty) else { return nil }
            return (try estimate(outcomes, options), outcomes.reduce(0) { $0 + $1.ties })
        case .normalizedMargin(let items, let spread):
            let pairs = try sheet.pairs(items, onlyUntruncated: onlyUntruncated)
            guard let estimate = try estimate(pairs, spread, options) else { return nil }
            return (estimate, pairs.count { $0.chosen == $0.rejected })
        }
    }

    /// A plain mean has a closed interval; a composite is bootstrapped over prompts.
    private func estimate(
        _ parts: [WeightedOutcomes], _ options: EvaluationOptions
    ) throws(Diagnostic) -> Estimate {
        if parts.count == 1 {
            return try clusteredMean(
                parts[0].values, clusters: parts[0].clusters, level: options.level, range: parts[0].range)
        }
        var estimate = try WeightedMeans(parts).bootstrap(options, stream: stream(options))
        estimate.n = parts.distinctCount
        return estimate
    }

    private func estimate(
        _ pairs: [MarginPair], _ spread: Spread, _ options: EvaluationOptions
    ) throws(Diagnostic) -> Estimate? {
        let margin = NormalizedMargin(pairs, spread)
        guard margin([Int](repeating: 1, count: margin.clusterCount)).isFinite else { return nil }
        var estimate = try clusterBootstrap(
            clusters: margin.clusterCount, replicates: options.replicates, level: options.level,
            stream: stream(options)
        ) { (multiplicities) throws(Diagnostic) in margin(multiplicities) }
        estimate.n = pairs.count
        return estimate
    }

    /// The metric's own stream: the same for all rewards, so they see the same resamples.
    func stream(_ options: EvaluationOptions) -> RandomStream {
        RandomStream(seed: options.seed, purpose: "suite \(name) \(subset)")
    }
}

extension ScoreSheet {
    func outcomes(_ parts: [Metric.Part], onlyUntruncated: Bool) throws(Diagnostic) -> [WeightedOutcomes] {
        var found: [WeightedOutcomes] = []
        for part in parts { found.append(try outcomes(part, onlyUntruncated: onlyUntruncated)) }
        return found
    }
}

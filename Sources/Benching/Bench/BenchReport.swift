import Diagnostics
import Experiment
import Ledger
import Statistics
import Suites

/// A suite's table of several rewards: levels, and how the others differ from the first.
public struct BenchReport: Sendable {
    /// One reward's part of the table.
    public struct Entry: Sendable {
        /// `r1`, `r2`, … or, for controls, `c1`, …
        public var key: String
        public var spec: String
        public var isControl: Bool
        public var result: SuiteResult
        /// This reward less the first; empty for the first.
        public var differences: [SuiteDifference]
        /// Wall-clock time of the scoring, this time; 0 where all scores were there.
        public var seconds: Double
        /// Tokens computed, this time.
        public var tokensComputed: Int
        /// Rows whose scores an earlier part of the run had made.
        public var keptRows: Int
        public var truncatedRows: Int
        public var truncatedResponses: Int
        /// The token ids that make its verdicts, in words; empty where it gives none.
        public var verdicts: [String] = []
    }

    public var suite: Suite
    public var data: String
    public var rows: Int
    public var rule: String
    public var notes: [String]
    public var excluded: [LoadedSuite.Exclusion]
    public var ties: TiePolicy
    public var level: Double
    public var entries: [Entry]
    /// What makes results of this table not alike: they were made under settings that differ.
    public var warnings: [String]
    /// Maximum lengths beyond what the models were made for.
    public var cautions: [String] = []
    public var ledger: String
    public var run: String
}

extension BenchReport {
    init(_ setup: BenchSetup, _ scored: [ScoredContender], run: RunID) throws(Diagnostic) {
        let options = EvaluationOptions(ties: setup.request.ties, seed: setup.request.options.seed)
        var entries: [Entry] = []
        for (contender, part) in zip(setup.contenders, scored) {
            let isFirst = entries.isEmpty
            entries.append(
                Entry(
                    key: contender.key, spec: contender.spec, isControl: contender.isControl,
                    result: try setup.suite.evaluate(part.scores, options),
                    differences: isFirst ? [] : try setup.suite.compare(scored[0].scores, part.scores, options),
                    seconds: part.cost.seconds, tokensComputed: part.cost.tokens, keptRows: part.keptRows,
                    truncatedRows: part.scores.count { $0.truncated.contains(true) },
                    truncatedResponses: part.scores.reduce(0) { $0 + $1.truncated.count { $0 } },
                    verdicts: VerdictTokens.all(in: contender.provenance).map(\.text)))
        }
        self.init(
            suite: setup.request.suite, data: setup.request.data, rows: setup.suite.items.count,
            rule: setup.suite.rule, notes: setup.suite.notes, excluded: setup.suite.excluded,
            ties: entries[0].result.ties, level: options.level, entries: entries,
            warnings: ProvenanceComparison(setup.contenders, entries).warnings, ledger: setup.ledger.path,
            run: run.rawValue)
        cautions = try Self.cautions(setup)
    }

    private static func cautions(_ setup: BenchSetup) throws(Diagnostic) -> [String] {
        var found: [String] = []
        for contender in setup.contenders {
            guard case .reward(_, let spec, _) = contender.source else { continue }
            found += try setup.request.options.positionCautions(of: spec).map { "\(contender.key): \($0)" }
        }
        return found
    }
}

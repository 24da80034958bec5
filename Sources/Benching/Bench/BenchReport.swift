import Diagnostics
import Experiment
import JSON
import Ledger
import Rewards
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
        /// What the reward says of how it scored, such as a judge's bias for a position; of this process.
        public var remarks: [String] = []
        /// The same as data; null where it says nothing.
        public var report: JSONValue = .null
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
    /// Rows that a reward could not score, left out for all of them; each once, by the first reward that failed.
    public var failures: [RowFailure] = []
    public var ledger: String
    public var run: String
}

extension BenchReport {
    init(_ setup: BenchSetup, _ scored: [ScoredContender], run: RunID) throws(Diagnostic) {
        let options = EvaluationOptions(ties: setup.request.ties, seed: setup.request.options.seed)
        let sound = try SoundRows(setup, scored)
        var entries: [Entry] = []
        for (index, (contender, part)) in zip(setup.contenders, scored).enumerated() {
            let scores = sound.scores[index]
            let isFirst = entries.isEmpty
            entries.append(
                Entry(
                    key: contender.key, spec: contender.spec, isControl: contender.isControl,
                    result: try sound.suite.evaluate(scores, options),
                    differences: isFirst ? [] : try sound.suite.compare(sound.scores[0], scores, options),
                    seconds: part.cost.seconds, tokensComputed: part.cost.tokens, keptRows: part.keptRows,
                    truncatedRows: scores.count { $0.truncated.contains(true) },
                    truncatedResponses: scores.reduce(0) { $0 + $1.truncated.count { $0 } },
                    verdicts: VerdictTokens.all(in: contender.provenance).map(\.text),
                    remarks: contender.reporting?.remarks ?? [], report: contender.reporting?.report ?? .null))
        }
        self.init(
            suite: setup.request.suite, data: setup.request.data, rows: sound.suite.items.count,
            rule: setup.suite.rule, notes: setup.suite.notes, excluded: sound.suite.excluded,
            ties: entries[0].result.ties, level: options.level, entries: entries,
            warnings: ProvenanceComparison(setup.contenders, entries).warnings, ledger: setup.ledger.path,
            run: run.rawValue)
        failures = sound.failures
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

extension BenchReport {
    /// Where rows were left out because a reward could not score them, that they were.
    public var failure: Diagnostic? {
        guard !failures.isEmpty else { return nil }
        return Diagnostic(
            .partial, "\(failures.count) of \(rows + failures.count) rows could not be scored and were left out",
            at: .init(file: data), remedy: "The ledger has each with its error, in the run \(run)")
    }
}

/// The rows that all rewards could score, so that every reward stands on the same ones.
struct SoundRows {
    let suite: LoadedSuite
    /// A reward's scores, parallel to the suite's items.
    let scores: [[GroupScore]]
    let failures: [RowFailure]

    /// - Throws: `badData` where no row is left.
    init(_ setup: BenchSetup, _ scored: [ScoredContender]) throws(Diagnostic) {
        var reasons: [Int: String] = [:]
        var failures: [Int: RowFailure] = [:]
        for (contender, part) in zip(setup.contenders, scored) {
            let found = part.outcomes.enumerated().filter { failures[$0.offset] == nil }
            let bad = found.compactMap { place, outcome in RowFailure(outcome).map { (place, $0) } }
            guard let first = bad.first else { continue }
            for (place, failure) in bad {
                failures[place] = failure
                reasons[place] = "\(contender.key) cannot score them; of the first it says: \(first.1.message)"
            }
        }
        guard reasons.count < setup.suite.items.count else {
            throw Diagnostic(
                .badData, "no row can be scored by all rewards: \(failures[0]?.message ?? "")",
                at: .init(file: setup.request.data), remedy: "Bench other rewards, or other data")
        }
        suite = setup.suite.leavingOut(reasons)
        scores = scored.map { part in
            part.outcomes.enumerated().compactMap { place, outcome in
                if reasons[place] == nil, case .score(let score) = outcome { score } else { nil }
            }
        }
        self.failures = failures.sorted { $0.key < $1.key }.map(\.value)
    }
}

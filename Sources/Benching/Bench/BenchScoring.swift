import Diagnostics
import Experiment
import Ledger
import Suites

/// Scores a bench's contenders one after another, batch by batch, over what the ledger has already.
struct BenchScoring {
    let setup: BenchSetup
    let run: RunID
    let interruption: Interruption
    let progress: Progress

    init(setup: BenchSetup, run: RunID, interruption: Interruption) {
        self.setup = setup
        self.run = run
        self.interruption = interruption
        let total = setup.surveys.reduce(0) { $0 + (setup.hasTokens ? $1.totalTokensComputed : $1.rows) }
        progress = Progress(
            "scoring", total: total, unit: setup.hasTokens ? "tokens" : "rows",
            style: Progress.style(isQuiet: setup.request.options.isQuiet))
    }

    /// All scores of a contender.
    func scores(of index: Int) async throws(Diagnostic) -> ScoredContender {
        switch setup.contenders[index].source {
        case .own(let scores): return try recordOwn(scores, of: index)
        case .reward(let reward, _, let groups):
            let known = try knownScores(of: index, groups)
            let scorer = BatchScorer(
                reward: reward, skipsBadRows: setup.request.skipsBadRows, knownFailures: setup.surveys[index].failures)
            var scored = ScoredContender(outcomes: [])
            for batch in setup.plans[index].batches {
                // A batch is kept or computed as a whole: its scores may depend, in the last bits, on what is beside them.
                let kept = batch.compactMap { known[$0] }
                if kept.count == batch.count {
                    scored.outcomes += kept
                    scored.keptRows += kept.count
                } else {
                    try await score(batch, of: index, scorer, groups, into: &scored)
                }
                let tokens = setup.surveys[index].tokensComputed[batch].reduce(0, +)
                progress.advance(by: setup.hasTokens ? tokens : batch.count)
            }
            return scored
        }
    }

    private func score(
        _ batch: Range<Int>, of index: Int, _ scorer: BatchScorer, _ groups: [Group],
        into scored: inout ScoredContender
    ) async throws(Diagnostic) {
        guard !interruption.isRequested else { throw interrupted(scored, of: index) }
        let start = ContinuousClock.now
        let outcomes = try await scorer.score(groups[batch].map { .group($0) }, from: batch.lowerBound)
        let cost = RunCost(
            seconds: start.duration(to: .now) / .seconds(1),
            tokens: setup.surveys[index].tokensComputed[batch].reduce(0, +))
        let records = zip(batch, outcomes).map { $1.record(reward: index, row: $0) }
        try setup.ledger.appendScores(records, to: run, cost: cost)
        scored.outcomes += outcomes
        scored.cost.seconds += cost.seconds
        scored.cost.tokens += cost.tokens
    }

    /// What an earlier part of the run has scored, by row.
    private func knownScores(of index: Int, _ groups: [Group]) throws(Diagnostic) -> [Int: RowOutcome] {
        guard setup.request.options.resumes else { return [:] }
        var known: [Int: RowOutcome] = [:]
        for record in try setup.ledger.scores(of: run, reward: index) where groups.indices.contains(record.row) {
            let outcome = RowOutcome(record)
            if outcome.belongs(to: .group(groups[record.row])) { known[record.row] = outcome }
        }
        return known
    }

    private func recordOwn(_ scores: [GroupScore], of index: Int) throws(Diagnostic) -> ScoredContender {
        let records = scores.enumerated().map { RowOutcome.score($1).record(reward: index, row: $0) }
        try setup.ledger.appendScores(records, to: run)
        return ScoredContender(outcomes: scores.map { .score($0) }, keptRows: scores.count)
    }

    private func interrupted(_ scored: ScoredContender, of index: Int) -> Diagnostic {
        let contender = setup.contenders[index]
        return Diagnostic(
            .interrupted,
            "interrupted after \(scored.outcomes.count) of \(setup.suite.items.count) rows of \(contender.spec)",
            remedy: "Go on with: \(setup.request.options.commandLine.resuming)")
    }
}

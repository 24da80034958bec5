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
            var scored = ScoredContender(scores: [])
            for batch in setup.plans[index].batches {
                // A batch is kept or computed as a whole: its scores may depend, in the last bits, on what is beside them.
                let kept = batch.compactMap { known[$0] }
                if kept.count == batch.count {
                    scored.scores += kept
                    scored.keptRows += kept.count
                } else {
                    try await score(batch, of: index, BatchScorer(reward: reward), groups, into: &scored)
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
        let scores = try await scorer.scores(of: Array(groups[batch]))
        let cost = RunCost(
            seconds: start.duration(to: .now) / .seconds(1),
            tokens: setup.surveys[index].tokensComputed[batch].reduce(0, +))
        let records = zip(batch, scores).map { RowOutcome.score($1).record(reward: index, row: $0) }
        try setup.ledger.appendScores(records, to: run, cost: cost)
        scored.scores += scores
        scored.cost.seconds += cost.seconds
        scored.cost.tokens += cost.tokens
    }

    /// What an earlier part of the run has scored, by row.
    private func knownScores(of index: Int, _ groups: [Group]) throws(Diagnostic) -> [Int: GroupScore] {
        guard setup.request.options.resumes else { return [:] }
        var known: [Int: GroupScore] = [:]
        for record in try setup.ledger.scores(of: run, reward: index) where groups.indices.contains(record.row) {
            let group = groups[record.row]
            guard record.failure == nil, record.rowID == group.id, record.scores.count == group.responses.count else {
                continue
            }
            known[record.row] = GroupScore(
                id: record.rowID, scores: record.scores, tokens: record.tokens, truncated: record.truncated)
        }
        return known
    }

    private func recordOwn(_ scores: [GroupScore], of index: Int) throws(Diagnostic) -> ScoredContender {
        let records = scores.enumerated().map { RowOutcome.score($1).record(reward: index, row: $0) }
        try setup.ledger.appendScores(records, to: run)
        return ScoredContender(scores: scores, keptRows: scores.count)
    }

    private func interrupted(_ scored: ScoredContender, of index: Int) -> Diagnostic {
        let contender = setup.contenders[index]
        return Diagnostic(
            .interrupted,
            "interrupted after \(scored.scores.count) of \(setup.suite.items.count) rows of \(contender.spec)",
            remedy: "Go on with: \(setup.request.options.commandLine.resuming)")
    }
}

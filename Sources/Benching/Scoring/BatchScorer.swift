import Diagnostics
import Experiment

/// Scores batches of rows and sees to it that what comes back is what a reward promises.
struct BatchScorer {
    let reward: any Reward
    /// Whether a row that cannot be scored becomes a failure of its own instead of an error.
    var skipsBadRows = false
    /// Rows already known to be bad, by their places in the input.
    var knownFailures: [Int: Diagnostic] = [:]

    /// The outcomes of consecutive rows, in order.
    ///
    /// - Parameter first: the first row's place in the input.
    func score(_ rows: [InputRow], from first: Int) async throws(Diagnostic) -> [RowOutcome] {
        var outcomes: [Int: RowOutcome] = [:]
        var sound: [(place: Int, group: Group)] = []
        for (place, row) in rows.enumerated() {
            switch row {
            case .unreadable(let id, let failure): outcomes[place] = RowOutcome(failure: failure, of: id)
            case .group(let group):
                if let failure = knownFailures[first + place] {
                    outcomes[place] = RowOutcome(failure: failure, of: group.id)
                } else {
                    sound.append((place, group))
                }
            }
        }
        for (entry, outcome) in zip(sound, try await outcomesOfSound(sound.map(\.group))) {
            outcomes[entry.place] = outcome
        }
        return rows.indices.compactMap { outcomes[$0] }
    }

    /// Scores groups together; where one is bad and may be skipped, each by itself.
    private func outcomesOfSound(_ groups: [Group]) async throws(Diagnostic) -> [RowOutcome] {
        guard !groups.isEmpty else { return [] }
        do throws(Diagnostic) {
            return try await scores(of: groups).map { .score($0) }
        } catch {
            guard skipsBadRows, error.category == .badData else { throw error }
        }
        var outcomes: [RowOutcome] = []
        for group in groups { outcomes.append(try await outcome(of: group)) }
        return outcomes
    }

    private func outcome(of group: Group) async throws(Diagnostic) -> RowOutcome {
        do throws(Diagnostic) {
            return .score(try await scores(of: [group])[0])
        } catch {
            guard error.category == .badData else { throw error }
            return RowOutcome(failure: error.located(file: group.source?.file, line: group.source?.line), of: group.id)
        }
    }

    /// The checked scores of groups.
    ///
    /// - Throws: `badData` naming row and response where a score is NaN.
    func scores(of groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        let scores = try await reward.score(groups)
        guard scores.count == groups.count else {
            throw Diagnostic(
                .internalFailure, "\(reward.spec) gave \(scores.count) scores for \(groups.count) groups")
        }
        for (group, score) in zip(groups, scores) { try check(score, of: group) }
        return scores
    }

    private func check(_ score: GroupScore, of group: Group) throws(Diagnostic) {
        guard score.id == group.id, score.scores.count == group.responses.count else {
            throw Diagnostic(.internalFailure, "\(reward.spec) gave the wrong number of scores for row '\(group.id)'")
        }
        guard let index = score.scores.firstIndex(where: \.isNaN) else { return }
        throw Diagnostic(
            .badData, "the score is NaN",
            at: .init(
                file: group.source?.file, line: group.source?.line, field: "row '\(group.id)', responses[\(index)]"),
            remedy: "Check the reward on this row, or leave it out with --skip-bad-rows")
    }
}

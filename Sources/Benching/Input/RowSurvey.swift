import Diagnostics
import Experiment

/// What a look through the whole input found, before anything is scored: every row is sound, and what it will take.
struct RowSurvey: Sendable {
    /// Tokens to compute, a row; 0 where the row cannot be scored.
    private(set) var tokensComputed: [Int] = []
    /// Tokens of all responses, prompts counted with each.
    private(set) var tokens = 0
    private(set) var longest = 0
    private(set) var responses = 0
    private(set) var truncatedResponses = 0
    private(set) var truncatedRows = 0
    /// Why rows cannot be scored, by their places.
    private(set) var failures: [Int: Diagnostic] = [:]

    var rows: Int { tokensComputed.count }
    var totalTokensComputed: Int { tokensComputed.reduce(0, +) }

    mutating func add(_ plan: GroupPlan) {
        tokensComputed.append(plan.tokensComputed)
        tokens += plan.tokens.reduce(0, +)
        longest = max(longest, plan.tokens.max() ?? 0)
        responses += plan.tokens.count
        let truncated = plan.truncated.count { $0 }
        truncatedResponses += truncated
        if truncated > 0 { truncatedRows += 1 }
    }

    mutating func add(_ failure: Diagnostic) {
        failures[tokensComputed.count] = failure
        tokensComputed.append(0)
    }
}

extension RowSurvey {
    /// Reads and plans every row of an input.
    ///
    /// - Throws: the first bad row's error, unless bad rows are skipped.
    init(of stream: RowStream, for reward: any Reward, skipsBadRows: Bool) async throws(Diagnostic) {
        self.init()
        while let row = try stream.next() {
            switch row {
            case .unreadable(_, let failure): add(failure)
            case .group(let group): try await add(group, for: reward, skipsBadRows: skipsBadRows)
            }
        }
    }

    /// Plans the groups of a suite.
    ///
    /// - Throws: the first bad row's error, unless bad rows are skipped.
    init(of groups: [Group], for reward: any Reward, skipsBadRows: Bool = false) async throws(Diagnostic) {
        self.init()
        for group in groups { try await add(group, for: reward, skipsBadRows: skipsBadRows) }
    }

    private mutating func add(
        _ group: Group, for reward: any Reward, skipsBadRows: Bool
    ) async throws(Diagnostic) {
        do throws(Diagnostic) {
            add(try await reward.plan(group))
        } catch {
            var located = error.located(file: group.source?.file, line: group.source?.line)
            guard located.category == .badData else { throw located }
            guard !skipsBadRows else { return add(located) }
            let way = "leave such rows out with --skip-bad-rows"
            located.remedy = located.remedy.isEmpty ? "Correct the row, or \(way)" : "\(located.remedy), or \(way)"
            throw located
        }
    }
}

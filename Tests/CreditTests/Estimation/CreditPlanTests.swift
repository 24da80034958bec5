import Diagnostics
import Foundation
import Statistics
import Testing

@testable import Credit

@Suite struct CreditPlanTests {
    /// Four blocks of 100, 200, 300 and 400 tokens and 1, 2, 3 and 4 seconds.
    private let episode = EpisodeOutline(
        blocks: (1...4).map { number in
            BlockOutline(
                decisions: [DecisionOutline(number: number - 1, role: "r")], usage: ReplayUsage(input: 100 * number),
                seconds: Double(number))
        }, outcome: 1)

    private func plan(_ change: (inout CreditSettings) -> Void) throws -> CreditPlan {
        var settings = CreditSettings()
        change(&settings)
        return try CreditPlan(episode, settings)
    }

    @Test("What equal numbers cost is what the blocks behind each state cost, and a margin")
    func equal() throws {
        let plan = try plan {
            $0.method = .normal
            $0.jobs = 2
            ($0.confirmationShare, $0.rerunShare) = (0, 0)
        }
        #expect(plan.replays == [64, 64, 64, 64, 64] && plan.totalReplays == 320)
        // 1000 + 900 + 700 + 400 + 0 tokens from the five states, 10 + 9 + 7 + 4 + 0 seconds.
        #expect(plan.expectedTokens == 64 * 3000 && plan.tokens == 64 * 3750 && plan.seconds == 64 * 30 / 2)
        // Wilson at 32 of 64: 1.96 √(.25/64 + 1.96²/(4·64²))/(1 + 1.96²/64), about .12; twice that over √2 for a credit.
        let z = 1.959963984540054
        let half = z / (1 + z * z / 64) * (0.25 / 64 + z * z / (4 * 64 * 64)).squareRoot()
        #expect(abs(half - 0.12) < 0.005 && abs(plan.halfWidth - half * 2.0.squareRoot()) < 1e-12 && !plan.isTooWide)
    }

    @Test("A replay takes the program's own time besides, whatever its prefix")
    func programTime() throws {
        var settings = CreditSettings()
        settings.method = .normal
        (settings.confirmationShare, settings.rerunShare) = (0, 0)
        var episode = episode
        episode.programSeconds = 0.5
        #expect(try CreditPlan(episode, settings).seconds == 64 * (30 + 5 * 0.5))
    }

    @Test("Confirmation, reruns and removal are counted, at the dearest they can be")
    func shares() throws {
        let plan = try plan {
            $0.method = .normal
            $0.replays = 30
            ($0.confirmationShare, $0.rerunShare, $0.removalText) = (0.2, 0.3, "")
        }
        // 150 replays are half of all; 60 confirm, 90 are reruns; a removal of each block as often as a value.
        #expect(plan.confirmation == 60 && plan.reruns == 90 && plan.removals == 120)
        #expect(plan.expectedTokens == 30 * 3000 + 60 * 1000 + 90 * 1000 + 30 * (900 + 700 + 400 + 0))
    }

    @Test("Fixed numbers for a budget go by the root of uses over cost, and keep its margin")
    func budget() throws {
        let plan = try plan {
            $0.method = .exact
            $0.budgetTokens = 200_000
            ($0.confirmationShare, $0.rerunShare) = (0, 0)
        }
        let ratio = Double(plan.replays[1]) / Double(plan.replays[0])
        // Uses 2 against 1; costs 900 + 250 against 1000 + 250.
        #expect(abs(ratio - (2 * 1250.0 / 1150).squareRoot()) < 0.02)
        #expect(plan.tokens == 200_000 && (150_000...160_000).contains(plan.expectedTokens))
    }

    @Test("Replays given out one by one come to the optimum, (uses · spread / cost) to the two thirds")
    func optimum() {
        let allocation = ReplayAllocation(
            uses: [1, 2, 1], variances: [0.25, 0.16, 0.01], costs: [4, 2, 1], reserves: [4, 2, 1])
        let given = allocation.giveOut(1_000_000, tokens: 40_000, after: [1, 1, 1])
        let spent = 4 * given[0] + 2 * given[1] + given[2]
        #expect(spent <= 40_000 && spent >= 39_990)
        // Uses times spread over cost: 1 · .5 / 4, 2 · .4 / 2, 1 · .1 / 1.
        let worth: [Double] = [0.125, 0.4, 0.1]
        let shape = worth.map { pow($0, 2.0 / 3) }
        for (count, share) in zip(given, shape) {
            #expect(abs(Double(count) / Double(given[1]) - share / shape[1]) < 0.01)
        }
    }

    @Test("More precision costs more, and a precision that the tokens do not pay for is quoted as what they do")
    func precision() throws {
        let loose = try plan { $0.precision = 0.4 }
        let tight = try plan { $0.precision = 0.2 }
        #expect(loose.halfWidth <= 0.4 && tight.halfWidth <= 0.2 && tight.tokens > 2 * loose.tokens)
        let poor = try plan { ($0.precision, $0.budgetTokens) = (0.1, 100_000) }
        #expect(poor.halfWidth > 0.1 && poor.tokens == 100_000 && poor.expectedTokens <= 100_000)
        let error = #expect(throws: Diagnostic.self) {
            try plan { ($0.precision, $0.method) = (0.1, .normal) }
        }
        #expect(error?.location.field == "precision" && error?.category == .usage)
    }

    @Test("A record that does not say what anything cost can be estimated by replays, not by tokens")
    func unknownCosts() throws {
        var silent = episode
        for index in silent.blocks.indices { silent.blocks[index].usage = ReplayUsage() }
        var settings = CreditSettings()
        (settings.method, settings.budgetTokens) = (.normal, 1000)
        let error = #expect(throws: Diagnostic.self) { try CreditPlan(silent, settings) }
        #expect(error?.message.contains("how many tokens") == true)
        for method in CreditSettings.Method.allCases {
            (settings.method, settings.budgetTokens, settings.replays) = (method, nil, 40)
            let plan = try CreditPlan(silent, settings)
            #expect(plan.replays.reduce(0, +) == 200 && plan.tokens == 0)
        }
    }

    @Test("An episode without a decision is refused")
    func empty() {
        let error = #expect(throws: Diagnostic.self) {
            try CreditPlan(EpisodeOutline(blocks: [], outcome: 1), CreditSettings())
        }
        #expect(error?.message == "the episode has no decision")
    }
}

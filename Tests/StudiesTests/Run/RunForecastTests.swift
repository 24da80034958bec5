import Diagnostics
import Experiment
import Foundation
import JSON
import Regimes
import Rewards
import Testing

@testable import Studies

/// Forecasts from doing a little of each run.
@Suite(.serialized) struct RunForecastTests {
    private static let text = """
        study: plan
        title: A plan
        run:
          world: {kind: lookup, prompts: 16, answers: 8}
          policy: {layers: 1, width: 24, heads: 2, mlp: 48}
          reward:
            - {name: proxy, kind: learned, pairs: 256}
          regime: {kind: grpo, steps: 40, prompts-per-step: 8, group: 4}
          meters: {every: 10, exact-every: 10}
        factors:
          reward:
            - {level: noisy, set: {reward.proxy: {name: proxy, kind: learned, level: 0.2, pairs: 256}}}
            - {level: planted, set: {reward.proxy: {name: proxy, kind: planted, accuracy: 0.8}}}
          regime:
            - {level: grpo}
            - {level: long, set: {regime.steps: 4000}}
            - {level: best-of-n, set: {regime.kind: best-of-n, regime.n: [1, 2]}}
        seeds: 2
        analyses:
          - {kind: levels, outcome: exact.gold, factor: regime, within: reward}
        """

    private func forecasts(_ text: String) throws -> [String: ArmForecast] {
        let design = try StudyDesign(parsing: Array(text.utf8), file: "plan.yaml")
        let plan = try StudyPlan(design) { (settings, path) throws(Diagnostic) in
            try RunCheck.cost(settings, path: path, folder: "")
        }
        let forecasts = try RunForecast.forecasts(of: plan)
        #expect(forecasts.count == plan.arms.count)
        return Dictionary(uniqueKeysWithValues: zip(plan.arms.map(\.name), forecasts))
    }

    @Test("Base policy and reward models are told apart from the run, and are the same in every regime")
    func preparations() throws {
        let found = try forecasts(Self.text)
        let noisy = try #require(found["reward=noisy,regime=grpo"])
        let planted = try #require(found["reward=planted,regime=grpo"])
        #expect(noisy.preparations.map(\.isOfSeed) == [false, true])
        #expect(planted.preparations.map(\.isOfSeed) == [false] && planted.preparations[0] == noisy.preparations[0])
        #expect(found["reward=noisy,regime=best-of-n"]?.preparations == noisy.preparations)
        #expect(noisy.preparations.allSatisfy { $0.seconds > 0 })
        // Both have a table over all responses for a reward.
        #expect(planted.seconds == noisy.seconds && planted.seconds > 0)
        #expect(found["reward=planted,regime=best-of-n"]?.seconds ?? 0 > 0)
    }

    @Test("A hundred times the updates take most of a hundred times as long")
    func steps() throws {
        let found = try forecasts(Self.text)
        let short = try #require(found["reward=planted,regime=grpo"]).seconds
        #expect(try #require(found["reward=planted,regime=long"]).seconds > 5 * short)
    }

    @Test("Training a reward anew in the run counts each time")
    func refreshes() throws {
        let refreshed = Self.text
            .replacingOccurrences(of: "best-of-n, regime.n: [1, 2]", with: "rloo")
            .replacingOccurrences(of: "level: 0.2, pairs: 256}", with: "level: 0.2, pairs: 256, refresh-every: 10}")
        let found = try forecasts(refreshed)
        let noisy = try #require(found["reward=noisy,regime=grpo"])
        let training = try #require(noisy.preparations.last)
        #expect(training.isOfSeed && noisy.seconds > 3 * training.seconds)
    }

    @Test("A run is cut where something changes in it, and each part is as the run is there")
    func stretches() throws {
        let settings = try RunSettings(
            [
                "world": ["kind": "lookup"], "reward": [["name": "proxy", "kind": "planted", "accuracy": 0.8]],
                "regime": ["kind": "grpo", "steps": 40, "group": 4],
                "pieces": [["kind": "verifier", "size": 4]],
                "interventions": [
                    ["at": 20, "remove": "verifier"], ["at": 4, "regime": ["group": 256]],
                    ["at": 30, "remove": "proxy"],
                    ["at": 4, "prompts": [0.5, 1]],
                ],
            ], path: "run", folder: "")
        let listed = settings.stretches(isListed: true)
        #expect(listed.map(\.steps) == [0..<4, 4..<20, 20..<30, 30..<40])
        #expect(listed.map { $0.settings.regimes[0].settings.groupSize } == [4, 256, 256, 256])
        #expect(listed.allSatisfy { $0.settings.regimes.count == 1 && $0.settings.promptSwaps.isEmpty })
        #expect(listed.map { $0.settings.pieces[0].training } == [.real, .real, .absent, .absent])
        // A planted reward is a table, as gold is; where nothing is rewarded any more gold stands in for the sum.
        #expect(listed.allSatisfy { $0.settings.terms.map(\.spec.kind) == [.gold] })
        let others = settings.stretches(isListed: false)
        #expect(others.map { $0.settings.terms[0].spec.kind } == [.planted, .planted, .planted, .gold])
    }

    @Test("A run of which all reward is removed is planned, too")
    func removed() throws {
        let found = try forecasts(
            Self.text.replacingOccurrences(
                of: "{level: long, set: {regime.steps: 4000}}",
                with: "{level: removed, set: {interventions: [{at: 4, remove: proxy}]}}"))
        #expect(try #require(found["reward=planted,regime=removed"]).seconds > 0)
    }

    @Test("Runs that need the same reward model weigh more by its training once a seed")
    func weights() throws {
        let design = try StudyDesign(parsing: Array(Self.text.utf8), file: "plan.yaml")
        let plan = try StudyPlan(design) { (settings, path) throws(Diagnostic) in
            try RunCheck.cost(settings, path: path, folder: "")
        }
        let arm = { (name: String) in plan.costs[plan.arms.firstIndex { $0.name == name } ?? 0] }
        let (grpo, selection) = (arm("reward=noisy,regime=grpo"), arm("reward=noisy,regime=best-of-n"))
        #expect(grpo.preparations == selection.preparations && grpo.preparations.count == 1)
        #expect(arm("reward=planted,regime=grpo").preparations.isEmpty)
        var made: Set<String> = []
        let training = try #require(grpo.preparations.values.first)
        #expect(training > 0)
        #expect(grpo.work(seed: 0, made: &made) == grpo.flops + training)
        #expect(selection.work(seed: 0, made: &made) == selection.flops)
        #expect(selection.work(seed: 1, made: &made) == selection.flops + training)
    }
}

import Diagnostics
import Experiment
import JSON
import Ledger
import Testing

@testable import Studies

@Suite struct PlanTests {
    private let design: StudyDesign
    init() throws { design = try StudyDesign(parsing: Array(StudyTexts.smoke.utf8), file: "smoke.yaml") }

    private static func check(_ settings: JSONValue, _ path: String) throws(Diagnostic) -> ArmCost {
        var reader = try SettingsReader(settings, path: path)
        let steps = try reader.integer("steps", default: 1, in: 1...4)
        return ArmCost(steps: steps, tokens: 10 * steps, flops: 100 * Double(steps), memory: 1000 * steps)
    }

    private static func lenient(_ settings: JSONValue, _ path: String) throws(Diagnostic) -> ArmCost {
        let steps = settings["steps"]?.intValue ?? 1
        return ArmCost(steps: steps, tokens: 10 * steps, flops: 100 * Double(steps), memory: 1000 * steps)
    }

    @Test("Runs are numbered arm by arm, seed by seed")
    func runs() throws {
        let plan = try StudyPlan(design, check: Self.lenient)
        #expect(plan.runs.count == 15 && plan.runs.map(\.position) == Array(0..<15))
        #expect(plan.runs[4].arm.name == "regime=flat,slope=1" && plan.runs[4].seed == 1)
        #expect(plan.runs[4].record.settings["slope"] == 1)
        #expect(
            plan.controlNotes == [
                "An A/A arm (the same settings, sampling streams keyed anew) was added to regime=flat,slope=0.",
                "A placebo (the same settings, the reward shuffled) was added to regime=flat,slope=0.",
            ])
    }

    @Test("An arm that cannot be is an error with the level's line, the arm's name and the setting's path")
    func impossible() {
        #expect(
            throws: Diagnostic(
                .usage, "steps should be an integer from 1 to 4, but this is 5 (arm regime=long,slope=0)",
                at: .init(file: "smoke.yaml", line: 12, field: "run.steps"), remedy: "Correct the value")
        ) { try StudyPlan(design, check: Self.check) }
    }

    @Test("A forecast sums what the runs take and lets each job take the next arm")
    func forecast() throws {
        let plan = try StudyPlan(design, check: Self.lenient)
        let perRun = plan.costs.map { ArmForecast(seconds: $0.flops / 100, memory: $0.memory) }
        let one = PlanForecast(plan, jobs: 1, perRun: perRun)
        // Arms of 3, 3, 5, 3 and 3 steps at 3 seeds.
        #expect(one.steps == 51 && one.tokens == 510 && one.flops == 5100 && one.seconds == 51 && one.memory == 5000)
        let two = PlanForecast(plan, jobs: 2, perRun: perRun)
        // 9 + 15 against 9 + 9 + 9, as the arms come.
        #expect(two.seconds == 27 && two.memory == 8000)
        #expect(two.json["seconds"] == 27.0 && two.json["runs"] == 15 && two.json["arms"]?.arrayValue?.count == 5)
        #expect(two.text.contains("time     about 27 s") && two.text.contains("runs     15 (5 arms x 3 seeds)"))
        let many = PlanForecast(plan, jobs: 30, perRun: perRun)
        #expect(many.seconds == 5)
    }

    @Test("What several runs need is made once, a seed or a study, and who needs it meanwhile waits")
    func preparations() throws {
        let plan = try StudyPlan(design, check: Self.lenient)
        // Five arms at three seeds, a second each.
        let plain = ArmForecast(seconds: 1, memory: 1)
        var base = plain, reward = plain
        base.preparations = [.init(key: "base", seconds: 10, isOfSeed: false)]
        reward.preparations = [.init(key: "reward", seconds: 10, isOfSeed: true)]
        let count = plan.arms.count
        let bases = Array(repeating: base, count: count), rewards = Array(repeating: reward, count: count)
        #expect(PlanForecast(plan, jobs: 1, perRun: bases).seconds == 10 + 15)
        #expect(PlanForecast(plan, jobs: 1, perRun: rewards).seconds == 30 + 15)
        // The second job's first run waits for the base; then arms of 3 seeds are done in turn: 10 + 9.
        #expect(PlanForecast(plan, jobs: 2, perRun: bases).seconds == 19)
        // Both jobs go through the seeds together, so each reward is waited for: 3 x (10 + 1), then 3 and 3 more.
        #expect(PlanForecast(plan, jobs: 2, perRun: rewards).seconds == 39)
        let one = PlanForecast(plan, jobs: 1, perRun: [base] + Array(repeating: plain, count: count - 1))
        #expect(one.seconds == 25 && one.json["arms"]?.arrayValue?.first?["seconds"] == 11.0)
    }

    @Test("Where there are fewer arms than jobs, an arm's seeds are shared between workers")
    func shares() throws {
        let runs = try StudyPlan(design, check: Self.lenient).runs
        #expect(WorkerShare.shares(of: runs, jobs: 4).map(\.runs.count) == [3, 3, 3, 3, 3])
        #expect(WorkerShare.shares(of: runs, jobs: 8).map(\.runs.count) == [2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
        #expect(WorkerShare.shares(of: runs, jobs: 100).flatMap(\.runs).map(\.position) == Array(0..<15))
        #expect(WorkerShare.shares(of: [], jobs: 3).isEmpty)
    }
}

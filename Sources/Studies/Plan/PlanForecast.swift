import Diagnostics
import JSON

/// What a study will take, said before anything is run.
public struct PlanForecast: Sendable {
    public let plan: StudyPlan
    /// Arms that run at once.
    public let jobs: Int
    /// What one run of each arm should take; parallel to the plan's arms.
    public let perRun: [ArmForecast]

    public init(_ plan: StudyPlan, jobs: Int, perRun: [ArmForecast]) {
        precondition(perRun.count == plan.arms.count, "a forecast is one an arm")
        self.plan = plan
        self.jobs = max(1, jobs)
        self.perRun = perRun
    }

    private var seeds: Int { plan.design.seeds.count }

    public var steps: Int { plan.costs.reduce(0) { $0 + $1.steps } * seeds }
    public var tokens: Int { plan.costs.reduce(0) { $0 + $1.tokens } * seeds }
    public var flops: Double { plan.costs.reduce(0) { $0 + $1.flops } * Double(seeds) }

    /// Bytes, where the biggest arms run at the same time.
    public var memory: Int { perRun.map(\.memory).sorted(by: >).prefix(jobs).reduce(0, +) }

    /// Wall-clock time. Each job takes the next worker's share when it is done with one, as the study will be run, so that
    /// a long arm at the end counts. Who needs what another run is making waits for it.
    public var seconds: Double {
        var made: [String: Double] = [:]
        var jobs = Array(repeating: (time: 0.0, runs: ArraySlice<ArmRun>()), count: jobs)
        var shares = WorkerShare.shares(of: plan.runs, jobs: jobs.count)[...]
        // Whichever job is earliest does its next run: so what is made is made in the order of time.
        while let job = jobs.indices.filter({ !jobs[$0].runs.isEmpty || !shares.isEmpty })
            .min(by: { jobs[$0].time < jobs[$1].time })
        {
            if jobs[job].runs.isEmpty, let share = shares.popFirst() { jobs[job].runs = share.runs[...] }
            guard let run = jobs[job].runs.popFirst() else { continue }
            jobs[job].time = end(of: run, from: jobs[job].time, &made)
        }
        return jobs.map(\.time).max() ?? 0
    }

    /// - Parameter made: when each thing that is made once is there.
    private func end(of run: ArmRun, from start: Double, _ made: inout [String: Double]) -> Double {
        let forecast = perRun[run.arm.position]
        var time = start
        for preparation in forecast.preparations {
            let key = preparation.isOfSeed ? "\(preparation.key) \(run.seed)" : preparation.key
            if let ready = made[key] {
                time = max(time, ready)
            } else {
                time += preparation.seconds
                made[key] = time
            }
        }
        return time + forecast.seconds
    }

    /// What a run of an arm takes on its own.
    private static func alone(_ forecast: ArmForecast) -> Double {
        forecast.preparations.reduce(forecast.seconds) { $0 + $1.seconds }
    }
}

extension PlanForecast {
    public var json: JSONValue {
        [
            "study": .string(plan.design.name), "digest": .string(plan.design.digest),
            "arms": .array(zip(plan.arms, zip(plan.costs, perRun)).map { Self.json($0, $1.0, $1.1) }),
            "seeds": .array(plan.design.seeds.map(JSONValue.integer)), "runs": .integer(plan.runs.count),
            "steps": .integer(steps), "tokens": .integer(tokens), "flops": .number(flops), "memory": .integer(memory),
            "jobs": .integer(jobs), "seconds": .number(seconds),
        ]
    }

    private static func json(_ arm: Arm, _ cost: ArmCost, _ forecast: ArmForecast) -> JSONValue {
        [
            "arm": .string(arm.name), "levels": .object(arm.levels), "steps": .integer(cost.steps),
            "tokens": .integer(cost.tokens), "flops": .number(cost.flops), "memory": .integer(forecast.memory),
            "seconds": .number(alone(forecast)),
        ]
    }

    public var text: String {
        let design = plan.design
        var lines = ["\(design.name): \(design.title)"]
        if !design.question.isEmpty { lines.append(design.question) }
        lines += ["", "arms (one run each: steps, tokens, time)"]
        let width = min(60, plan.arms.map(\.name.count).max() ?? 0)
        for (index, arm) in plan.arms.enumerated() { lines.append(line(of: arm, index, width)) }
        lines += [""] + plan.controlNotes
        lines += [
            "", "runs     \(plan.runs.count) (\(counted(plan.arms.count, "arm")) x \(counted(seeds, "seed")))",
            "steps    \(steps)",
            "tokens   \(Numerals.compact(tokens))", "FLOPs    \(Numerals.compact(flops))",
            "memory   \(Numerals.bytes(memory)) with \(jobs) \(jobs == 1 ? "job" : "jobs")",
            "time     about \(Numerals.duration(seconds))",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(of arm: Arm, _ index: Int, _ width: Int) -> String {
        let cost = plan.costs[index]
        let padding = String(repeating: " ", count: max(0, width - arm.name.count))
        return "  \(arm.name)\(padding)  \(cost.steps) steps, \(Numerals.compact(cost.tokens)) tokens, "
            + Numerals.duration(Self.alone(perRun[index]))
    }
}

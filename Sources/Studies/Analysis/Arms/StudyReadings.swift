import Diagnostics
import Experiment
import JSON
import Ledger

/// A study's readings of the meters that its analyses look at, by arm and seed.
struct StudyReadings: Sendable {
    /// In the order of the plan, controls last.
    let arms: [ArmReadings]
    /// Ascending; every arm's runs are in this order.
    let seeds: [Int]
    let cautions: [String]

    /// - Throws: what reading the ledger throws.
    init(_ results: StudyResults, design: StudyDesign, meters: Set<String>) throws(Diagnostic) {
        let seeds = Set(results.runs.map(\.seed)).sorted()
        var names: [String] = []
        for run in results.runs where names.last != run.arm { names.append(run.arm) }
        var arms: [ArmReadings] = []
        for name in names { arms.append(try ArmReadings(name, results, seeds: seeds, meters: meters)) }
        self.init(arms: arms, seeds: seeds, cautions: Self.cautions(results, seeds, design))
    }

    init(arms: [ArmReadings], seeds: [Int], cautions: [String] = []) {
        self.arms = arms
        self.seeds = seeds
        self.cautions = cautions
    }

    private static func cautions(_ results: StudyResults, _ seeds: [Int], _ design: StudyDesign) -> [String] {
        var cautions: [String] = []
        for run in results.divergences {
            cautions.append(
                "\(run.arm), seed \(run.seed), diverged at step \(run.stoppedStep ?? 0) (\(run.message ?? "not finite")); "
                    + "it has no outcome, and comparisons leave its seed out.")
        }
        cautions += failures(results)
        let waiting = results.runs.count { $0.status == .pending }
        if waiting > 0 { cautions.append("\(waiting) of \(results.runs.count) runs have not ended.") }
        if seeds.count < 5 {
            cautions.append(
                "\(seeds.count) \(seeds.count == 1 ? "seed is" : "seeds are") too few for a verdict at \(design.verdicts.level): "
                    + "the sign-flip bound needs 5, so most verdicts say 'cannot tell'.")
        }
        return cautions
    }

    /// Runs of an arm mostly fail for one reason, which is then said once.
    private static func failures(_ results: StudyResults) -> [String] {
        var reasons: [(text: String, runs: [String])] = []
        for run in results.failures {
            let (text, name) = (run.message ?? "no reason is recorded", "\(run.arm), seed \(run.seed)")
            if let place = reasons.firstIndex(where: { $0.text == text }) {
                reasons[place].runs.append(name)
            } else {
                reasons.append((text, [name]))
            }
        }
        return reasons.map { text, runs in
            let who = runs.count == 1 ? runs[0] : "\(runs[0]), and \(counted(runs.count - 1, "other run"))"
            return "\(who), failed: \(text)\(text.hasSuffix(".") ? "" : ".")"
        }
    }
}

/// What was read of one arm.
struct ArmReadings: Sendable {
    let name: String
    let levels: JSONObject
    let role: Arm.Role
    /// One a seed, in the study's order of seeds.
    let runs: [RunReadings]

    /// Whether there is one seed: nothing can then be said of other runs, only of what this one was read on.
    var isSingle: Bool { runs.count == 1 }

    init(name: String, levels: JSONObject, runs: [RunReadings]) {
        self.name = name
        self.levels = levels
        role = levels[Arm.Role.key]?.stringValue.flatMap(Arm.Role.init(rawValue:)) ?? .design
        self.runs = runs
    }

    init(_ name: String, _ results: StudyResults, seeds: [Int], meters: Set<String>) throws(Diagnostic) {
        let records = results.runs(ofArm: name)
        var runs: [RunReadings] = []
        for seed in seeds {
            guard let record = records.first(where: { $0.seed == seed }) else {
                runs.append(RunReadings(isDone: false))
                continue
            }
            let steps = try results.readings(of: record.position)
            runs.append(RunReadings(record, steps, meters: meters))
        }
        self.init(name: name, levels: records.first?.levels.objectValue ?? [:], runs: runs)
    }
}

/// What was read of one run.
struct RunReadings: Sendable {
    struct Point: Sendable, Hashable {
        var step: Int
        var value: Double
        /// Of the value, over what it was read on; `nil` where the meter has none.
        var standardError: Double?
        /// Samples that the value rests on; 0 where it is exact.
        var n = 0
        /// Groups of them between which the standard error is taken.
        var clusters = 0
    }

    /// Whether it came to its end: one that diverged or failed has no outcome.
    let isDone: Bool
    /// The last step with readings.
    var lastStep = 0
    /// Whether its steps are sizes or strengths of a selection and not updates (best-of-n, tilt).
    var isSelection = false
    /// Whether the batches that are read are the policy's own draws, of one reward.
    var drawsForItself = false
    /// By meter, in the order of steps; readings that could not be taken are left out.
    var series: [String: [Point]] = [:]

    init(isDone: Bool) { self.isDone = isDone }

    /// Of a run's settings as they are recorded.
    private static func drawsForItself(_ settings: JSONValue) -> Bool {
        let regime = settings["regime"]
        let temperature = regime?["temperature"]?.doubleValue ?? 1
        let pieces = settings["pieces"]?.arrayValue ?? []
        let terms = settings["reward"]?.arrayValue ?? []
        return regime?["data"]?.stringValue != "stale" && temperature == 1
            && (settings["interventions"]?.arrayValue ?? []).isEmpty
            && pieces.allSatisfy { $0["training"]?.stringValue == "absent" }
            && terms.allSatisfy { term in ["from", "until", "refresh-every"].allSatisfy { term[$0] == nil } }
    }

    init(_ record: ArmRunRecord, _ steps: [StepReadings], meters: Set<String>) {
        isDone = record.status == .done
        lastStep = steps.last?.step ?? 0
        let regime = record.settings["regime"]?["kind"]?.stringValue ?? ""
        isSelection = ["best-of-n", "tilt"].contains(regime)
        drawsForItself = Self.drawsForItself(record.settings)
        for step in steps {
            for reading in step.readings where meters.contains(reading.meter) {
                guard let value = reading.value else { continue }
                series[reading.meter, default: []].append(
                    Point(
                        step: step.step, value: value, standardError: reading.standardError, n: reading.n,
                        clusters: reading.clusters))
            }
        }
    }
}

import Diagnostics
import Experiment

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tells on standard error how far a study is: a line that is redrawn on a terminal, a line every ten seconds elsewhere.
final class ProgressLine {
    private let name: String
    private let total: Int
    private let isQuiet: Bool
    private let isTerminal: Bool
    private let weights: [Double]
    private let steps: [Int]
    /// By position, what of each run is done, from 0 to 1.
    private var shares: [Double]
    private var armsLeft: [Int: Int] = [:]
    private let armOfRun: [Int]
    private let arms: Int
    private var ended: Int
    private var failed = 0
    /// What was done before; it says nothing about speed.
    private var inherited: Double
    /// Runs that go on from where they were stopped: what they begin with says nothing about speed either.
    private var resumed: Set<Int>
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant

    init(_ execution: StudyExecution) {
        let plan = execution.plan
        name = plan.design.name
        total = plan.runs.count
        isQuiet = execution.isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
        weights = execution.weights
        steps = plan.runs.map { plan.costs[$0.arm.position].steps }
        armOfRun = plan.runs.map(\.arm.position)
        arms = plan.arms.count
        shares = Array(repeating: 1, count: total)
        for run in execution.runs {
            shares[run.position] = 0
            armsLeft[run.arm.position, default: 0] += 1
        }
        ended = total - execution.runs.count
        resumed = Set(execution.recordedSteps.keys)
        inherited = zip(weights, shares).reduce(0) { $0 + $1.0 * $1.1 }
        lastShown = start
    }

    func advance(_ run: Int, to step: Int) {
        shares[run] = min(1, Double(step) / Double(max(1, steps[run])))
        if resumed.remove(run) != nil { inherited += weights[run] * shares[run] }
    }

    func end(_ run: Int, failed hasFailed: Bool) {
        shares[run] = 1
        ended += 1
        if hasFailed { failed += 1 }
        let arm = armOfRun[run]
        armsLeft[arm] = armsLeft[arm].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    func show() {
        let period: Duration = isTerminal ? .milliseconds(200) : .seconds(10)
        guard !isQuiet, lastShown.duration(to: .now) >= period else { return }
        lastShown = .now
        _ = WorkerChannel.write(
            Array((isTerminal ? "\r\u{1B}[K\(text.prefix(79))" : "\(text)\n").utf8), to: STDERR_FILENO)
    }

    /// Takes the line away.
    func finish() {
        if !isQuiet, isTerminal { _ = WorkerChannel.write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
    }

    private var text: String {
        let done = zip(weights, shares).reduce(0) { $0 + $1.0 * $1.1 }
        let all = max(weights.reduce(0, +), .leastNonzeroMagnitude)
        var text = "\(name): arms \(arms - armsLeft.count)/\(arms), runs \(ended)/\(total), \(Int(100 * done / all))%"
        if failed > 0 { text += ", \(failed) failed" }
        let seconds = start.duration(to: .now) / .seconds(1)
        if done > inherited { text += ", \(Numerals.duration(seconds * (all - done) / (done - inherited))) left" }
        return text
    }
}

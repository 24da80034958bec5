import Diagnostics
import Regimes
import Torch

extension PolicyRun {
    /// Seconds that the whole run takes, whose readings nobody hears.
    func seconds() async throws(Diagnostic) -> Double {
        let start = ContinuousClock.now
        try await run { (_) throws(Diagnostic) in }
        return start.duration(to: .now) / .seconds(1)
    }
}

extension [(from: Int, settings: RegimeSettings)] {
    /// The regime that holds at a step.
    func settings(at step: Int) -> RegimeSettings { (last { $0.from <= step } ?? self[0]).settings }
}

/// The parts of a run's steps between changes, which come at any of them and in any order.
func stretches(of steps: Int, changingAt changes: [Int]) -> [Range<Int>] {
    let starts = Set([0] + changes.filter { $0 < steps }).sorted()
    return zip(starts, starts.dropFirst() + [steps]).map { $0..<$1 }
}

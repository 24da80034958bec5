/// What one worker process does: runs of one arm, one after another.
struct WorkerShare: Sendable {
    var runs: [ArmRun]

    /// One share an arm; where that leaves jobs without work, an arm's seeds are shared between several.
    static func shares(of runs: [ArmRun], jobs: Int) -> [WorkerShare] {
        var byArm: [[ArmRun]] = []
        for run in runs {
            if byArm.last?.first?.arm.position == run.arm.position {
                byArm[byArm.count - 1].append(run)
            } else {
                byArm.append([run])
            }
        }
        guard !byArm.isEmpty else { return [] }
        let parts = max(1, (jobs + byArm.count - 1) / byArm.count)
        return byArm.flatMap { split($0, into: parts) }
    }

    private static func split(_ runs: [ArmRun], into parts: Int) -> [WorkerShare] {
        let length = (runs.count + parts - 1) / parts
        return stride(from: 0, to: runs.count, by: max(1, length)).map { start in
            WorkerShare(runs: Array(runs[start..<min(start + length, runs.count)]))
        }
    }
}

import Diagnostics
import JSON

/// What a worker is told: runs of one arm, as one line of JSON.
struct WorkerAssignment: Sendable, Hashable {
    var jobs: [ArmJob]

    static let version = 1

    /// What the jobs share is written once.
    var line: String {
        guard let first = jobs.first else { return "{}\n" }
        let runs = jobs.map { job -> JSONValue in
            [
                "run": .integer(job.position), "seed": .integer(job.seed), "checkpoints": .string(job.checkpoints),
                "recorded": job.recordedStep.map(JSONValue.integer) ?? .null,
            ]
        }
        let value: JSONValue = [
            "version": .integer(Self.version), "study": .string(first.study), "arm": .string(first.arm),
            "levels": .object(first.levels), "settings": first.settings, "folder": .string(first.folder),
            "runs": .array(runs),
        ]
        return value.text + "\n"
    }

    init(jobs: [ArmJob]) { self.jobs = jobs }

    init(line: some Sequence<UInt8>) throws(Diagnostic) {
        let value = try JSONValue(parsing: line)
        guard value["version"]?.intValue == Self.version, let runs = value["runs"]?.arrayValue,
            let jobs = Self.jobs(value, runs)
        else {
            throw Diagnostic(
                .usage, "this is no assignment of a study's worker",
                remedy: "Workers are started by a study; use assay study run")
        }
        self.jobs = jobs
    }

    private static func jobs(_ value: JSONValue, _ runs: [JSONValue]) -> [ArmJob]? {
        guard let study = value["study"]?.stringValue, let arm = value["arm"]?.stringValue,
            let levels = value["levels"]?.objectValue, let settings = value["settings"],
            let folder = value["folder"]?.stringValue
        else { return nil }
        let jobs = runs.compactMap { run -> ArmJob? in
            guard let position = run["run"]?.intValue, let seed = run["seed"]?.intValue,
                let checkpoints = run["checkpoints"]?.stringValue
            else { return nil }
            return ArmJob(
                study: study, arm: arm, levels: levels, position: position, seed: seed, settings: settings,
                folder: folder, checkpoints: checkpoints, recordedStep: run["recorded"]?.intValue)
        }
        return jobs.count == runs.count ? jobs : nil
    }
}

import Diagnostics
import Experiment
import Foundation
import JSON
import Ledger
import Synchronization
import Testing

@testable import Studies

@Suite(.enabled(if: StudyProgram.isBuilt, "StudyWorkerFixture is not built")) struct StudyRunTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static func cost(_ settings: JSONValue, _ path: String) throws(Diagnostic) -> ArmCost {
        let steps = settings["steps"]?.intValue ?? 3
        return ArmCost(steps: steps, tokens: 8 * steps, flops: Double(steps), memory: 0)
    }

    private static func analysis(_ results: StudyResults) throws(Diagnostic) -> [FindingRecord] {
        [FindingRecord(kind: "count", content: .integer(results.runs.count))]
    }

    private func study(
        _ text: String = StudyTexts.smoke, jobs: Int = 2, resumes: Bool = false, ledger: String = "assay.sqlite",
        worker: WorkerCommand = WorkerCommand(executable: StudyProgram.path),
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) async throws -> StudyResults {
        var request = StudyRequest(try StudyDesign(parsing: Array(text.utf8)), worker: worker)
        request.ledgerPath = folder.file(ledger)
        request.jobs = jobs
        request.resumes = resumes
        request.isQuiet = true
        return try await StudyRun(request, isInterrupted: isInterrupted, check: Self.cost).run(analysis: Self.analysis)
    }

    private func faulty(_ kind: String, step: Int = 1, seed: Int = 1) -> String {
        StudyTexts.smoke.replacingOccurrences(
            of: "set: {slope: 1}", with: "set: {fault: {kind: \(kind), step: \(step), seed: \(seed)}}")
    }

    @Test("A study's runs, readings, findings and design are recorded")
    func recording() async throws {
        let results = try await study()
        #expect(results.runs.count == 15 && results.runs.allSatisfy { $0.status == .done } && results.failure == nil)
        let readings = try results.readings(of: 3)
        #expect(readings.map(\.step) == [0, 1, 2, 3])
        #expect(readings[2]["reward.mean"]?.n == 16 && readings[2]["cost.seconds"]?.value != nil)
        let slope = try #require(readings[3]["reward.mean"]?.value) - #require(readings[0]["reward.mean"]?.value)
        #expect((2...4).contains(slope))
        #expect(try results.readings(of: 0)[0] != results.readings(of: 9)[0])
        #expect(try results.ledger.findings(of: results.run) == [FindingRecord(kind: "count", content: 15)])
        #expect(try results.ledger.run(results.run)?.status == .done)
        #expect(results.design.source == StudyTexts.smoke)
        #expect(results.runs[0].cost.tokens == 24)
    }

    @Test("The number of jobs changes no number, and what a runner prints does no harm", arguments: [1, 3, 20])
    func jobs(jobs: Int) async throws {
        let one = try await study(jobs: 1)
        let many = try await study(faulty("rubbish").replacingOccurrences(of: "kind: rubbish, ", with: ""), jobs: jobs)
        let printing = try await study(faulty("rubbish"), jobs: jobs)
        #expect(printing.failure == nil)
        let digests = try [one, try await study(jobs: jobs)].map { try $0.ledger.digest(of: $0.run) }
        #expect(Set(digests).count == 1)
        for run in many.runs {
            let left = try many.readings(of: run.position).map { $0["reward.mean"] }
            #expect(try printing.readings(of: run.position).map { $0["reward.mean"] } == left)
        }
    }

    @Test(
        "A run that fails, crashes or diverges is recorded with the reason, and every other run goes on",
        arguments: [
            ("throw", ArmRunRecord.Status.failed, "run.reward.0: the reward is NaN. Mend it."),
            ("exit", .failed, "the worker ended with exit code 7 before the run did: no more memory"),
            ("kill", .failed, "the worker was killed by signal 9 (Killed), as the system does where memory runs out"),
            ("abort", .failed, "the worker was killed by signal 6 (Aborted)"),
            ("diverge", .diverged, "the loss is not finite"),
        ])
    func faults(kind: String, status: ArmRunRecord.Status, message: String) async throws {
        let results = try await study(faulty(kind))
        for run in results.runs where run.position != 4 { #expect(run.status == .done) }
        let run = results.runs[4]
        #expect(run.status == status && run.message == message, "\(run)")
        #expect(run.stoppedStep == (status == .diverged ? 1 : nil))
        #expect(try results.readings(of: 4).map(\.step) == [0])
        #expect(results.failure?.category == (status == .failed ? .partial : nil))
        #expect(try results.ledger.run(results.run)?.status == (status == .failed ? .partial : .done))
        #expect(results.divergences.count == (status == .diverged ? 1 : 0))

        let again = try await study(faulty(kind), resumes: true)
        #expect(again.run == results.run && again.runs.map(\.status) == results.runs.map(\.status))
    }

    @Test("Where every run fails, that is what is said")
    func allFail() async throws {
        let text = StudyTexts.smoke.replacingOccurrences(of: "  steps: 3", with: "  fault: {kind: throw}")
        #expect(try await study(text).failure?.category == .unavailable)
    }

    @Test("A worker that is none is told, one that says rubbish too")
    func badWorkers() async throws {
        let missing = WorkerCommand(executable: folder.file("none"))
        let error = await #expect(throws: Diagnostic.self) { try await study(worker: missing) }
        #expect(error?.category == .unavailable && error?.message.contains("cannot be started") == true)
        let echo = WorkerCommand(executable: "/bin/sh", arguments: ["-c", "echo hello; sleep 100"])
        let results = try await study(worker: echo)
        #expect(results.failures.count == 15)
        #expect(results.runs[0].message == "the worker said what no worker says: hello")
        let silent = WorkerCommand(executable: "/bin/sh", arguments: ["-c", "exit 0"])
        #expect(
            try await study(worker: silent).runs[14].message == "the worker ended with exit code 0 before the run did")
    }

    @Test("A study that is interrupted stops its workers, says so in the ledger, and goes on to the same digest")
    func interruption() async throws {
        let text = StudyTexts.smoke.replacingOccurrences(of: "  steps: 3", with: "  steps: 3\n  pause: 20")
        let whole = try await study(text, ledger: "whole.sqlite")
        let start = ContinuousClock.now
        let error = await #expect(throws: Diagnostic.self) {
            try await study(text, isInterrupted: { start.duration(to: .now) > .milliseconds(300) })
        }
        #expect(error?.category == .interrupted)
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let run = try #require(try ledger.runs().first)
        #expect(run.status == .interrupted)
        let done = try ledger.armRuns(of: run.id).count { $0.status == .done }
        #expect((1..<15).contains(done))
        let resumed = try await study(text, resumes: true)
        #expect(resumed.run == run.id)
        #expect(try ledger.digest(of: run.id) == whole.ledger.digest(of: whole.run))
    }

    @Test("There is nothing to resume without a run of the same design; a study at work keeps another off")
    func resuming() async throws {
        let nothing = await #expect(throws: Diagnostic.self) { try await study(resumes: true) }
        #expect(nothing?.category == .inputMissing)
        _ = try await study()
        let other = StudyTexts.smoke.replacingOccurrences(of: "seeds: 3", with: "seeds: 2")
        await #expect(throws: Diagnostic.self) { try await study(other, resumes: true) }
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let digest = try StudyDesign(parsing: Array(StudyTexts.smoke.utf8)).digest
        let lock = try ledger.lockRun(String(digest.prefix(16)))
        let busy = await #expect(throws: Diagnostic.self) { try await study(resumes: true) }
        #expect(busy?.category == .unavailable)
        withExtendedLifetime(lock) {}
    }
}

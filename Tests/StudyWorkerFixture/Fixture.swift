import Diagnostics
import Experiment
import Foundation
import JSON
import Ledger
import Studies
import Synchronization

/// A program with a study's verb and a worker's, over ``FixtureRunner``:
///
///     StudyWorkerFixture worker
///     StudyWorkerFixture run STUDY LEDGER JOBS [resume]
@main
enum Fixture {
    private static let isInterrupted = Atomic(false)

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count > 4 else { exit(await WorkerProcess.main(runner: FixtureRunner())) }
        signal(SIGINT) { _ in Fixture.isInterrupted.store(true, ordering: .relaxed) }
        do throws(Diagnostic) {
            let results = try await run(arguments)
            if let failure = results.failure { throw failure }
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(error.category.rawValue)
        }
    }

    private static func run(_ arguments: [String]) async throws(Diagnostic) -> StudyResults {
        let design = try StudyDesign(readingFile: arguments[2])
        var request = StudyRequest(design, worker: .thisProgram())
        request.ledgerPath = arguments[3]
        request.jobs = Int(arguments[4]) ?? 1
        request.resumes = arguments.last == "resume"
        request.isQuiet = true
        let study = try StudyRun(
            request, isInterrupted: { isInterrupted.load(ordering: .relaxed) }, check: FixtureRunner.cost)
        return try await study.run { (results) throws(Diagnostic) in
            var sum = 0.0
            for run in results.runs {
                sum += try results.readings(of: run.position).last?["reward.mean"]?.value ?? 0
            }
            return [FindingRecord(kind: "level", content: ["sum": .number(sum)])]
        }
    }
}

import Foundation
import Ledger
import Statistics
import Testing

@testable import Studies

/// A study's process killed at any instant.
@Suite(.enabled(if: StudyProgram.isBuilt, "StudyWorkerFixture is not built")) struct StudyKillTests {
    /// Kills; a soak makes more.
    private static let kills = ProcessInfo.processInfo.environment["ASSAY_SOAK"] == nil ? 6 : 50

    private static func text(continues: Bool) -> String {
        StudyTexts.smoke.replacingOccurrences(
            of: "  steps: 3", with: "  steps: 12\n  pause: 8\n  continues: \(continues)")
    }

    private func finish(_ process: Process) -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test(
        "Killed again and again and resumed, a study ends with the digest of one left alone", arguments: [false, true])
    func kills(continues: Bool) async throws {
        let folder = try TemporaryFolder()
        let study = try folder.write(Self.text(continues: continues).utf8, to: "study.yaml")
        let whole = folder.file("whole.sqlite")
        #expect(finish(try StudyProgram.start(study, ledger: whole, jobs: 2)) == 0)
        let expected = try digest(of: whole)

        let path = folder.file("killed.sqlite")
        var stream = RandomStream(seed: continues ? 1 : 2, purpose: "kills")
        var killed = 0
        for _ in 0..<Self.kills {
            let process = try StudyProgram.start(study, ledger: path, jobs: 2, resumes: try hasRun(path))
            // A task's sleep lasts as long as other tests keep the threads, which may be longer than the study.
            usleep(UInt32(1000 * (20 + stream.below(280))))
            let workers = StudyProgram.children(of: process.processIdentifier)
            kill(process.processIdentifier, SIGKILL)
            let code = finish(process)
            #expect([0, SIGKILL].contains(code))
            if code == SIGKILL { killed += 1 }
            try await expectGone(workers)
        }
        #expect(killed > 0)
        #expect(finish(try StudyProgram.start(study, ledger: path, jobs: 3, resumes: try hasRun(path))) == 0)
        #expect(try digest(of: path) == expected)
    }

    private func hasRun(_ path: String) throws -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        return try Ledger(path: path).runs().isEmpty == false
    }

    private func digest(of path: String) throws -> String {
        let ledger = try Ledger(path: path)
        let runs = try ledger.runs()
        #expect(runs.count == 1 && runs[0].status == .done)
        return try ledger.digest(of: runs[0].id)
    }

    /// Workers whose study is gone end at once, even in the middle of a step.
    private func expectGone(_ workers: [Int32]) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while workers.contains(where: isAlive), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(!workers.contains(where: isAlive))
    }

    private func isAlive(_ process: Int32) -> Bool {
        let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        return !stat.isEmpty && !stat.contains(") Z ")
    }

    @Test("A worker that hangs in a step ends when its study is killed, and Ctrl-C stops a study in good order")
    func hangingWorker() async throws {
        let folder = try TemporaryFolder()
        let text = StudyTexts.smoke.replacingOccurrences(of: "  steps: 3", with: "  fault: {kind: hang}")
        let study = try folder.write(text.utf8, to: "study.yaml")
        for number in [SIGKILL, SIGINT] {
            let ledger = folder.file("\(number).sqlite")
            let process = try StudyProgram.start(study, ledger: ledger, jobs: 2)
            var workers: [Int32] = []
            while workers.count < 2, process.isRunning {
                try await Task.sleep(for: .milliseconds(10))
                workers = StudyProgram.children(of: process.processIdentifier)
            }
            try await Task.sleep(for: .milliseconds(300))
            kill(process.processIdentifier, number)
            #expect(finish(process) == (number == SIGINT ? 130 : SIGKILL))
            try await expectGone(workers)
            #expect(try Ledger(path: ledger).runs().first?.status == (number == SIGINT ? .interrupted : .running))
        }
    }
}

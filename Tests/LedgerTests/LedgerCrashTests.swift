import Foundation
import GRDB
import Testing

@testable import Ledger

/// What a kill at any instant leaves behind.
@Suite struct LedgerCrashTests {
    private static let batchLength = 7

    private static func batch(_ number: Int) -> [ScoreRecord] {
        (0..<batchLength).map { .example(row: number * batchLength + $0) }
    }

    /// Opens what a crash left and expects whole batches, in order, from the first.
    ///
    /// - Returns: the number of batches.
    private func expectWholeBatches(in path: String) throws -> Int {
        let ledger = try Ledger(path: path)
        guard let run = try ledger.runs().first else { return 0 }
        let scores = try ledger.scores(of: run.id, reward: 0)
        #expect(scores.count.isMultiple(of: Self.batchLength))
        #expect(scores == (0..<scores.count).map { .example(row: $0) })
        #expect(run.cost.tokens == scores.count)
        #expect(try ledger.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
        return scores.count / Self.batchLength
    }

    @Test("A write-ahead log cut at any byte, with or without rubbish behind the cut, gives whole batches")
    func tornLog() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let id = try ledger.beginRun(.example)
        let count = 12
        for number in 0..<count {
            try ledger.appendScores(Self.batch(number), to: id, cost: RunCost(tokens: Self.batchLength))
        }
        let main = try Data(contentsOf: URL(filePath: ledger.path))
        let log = try Data(contentsOf: URL(filePath: ledger.path + "-wal"))
        try #require(log.count > 10_000)

        var last = 0
        for cut in Array(stride(from: 0, to: log.count, by: 4111)) + [log.count] {
            for rubbish in [Data(), Data(repeating: 0xA5, count: 5000)] {
                let copy = try TemporaryFolder()
                let path = try copy.write(main, to: "assay.sqlite")
                _ = try copy.write(log.prefix(cut) + rubbish, to: "assay.sqlite-wal")
                let batches = try expectWholeBatches(in: path)
                #expect(batches >= last)
                last = batches
            }
        }
        #expect(last == count)
    }

    #if os(Linux)
    private static let victimPath = "ASSAY_TEST_VICTIM_LEDGER"

    @Test("A process killed while it writes leaves whole batches, and the next one goes on from there")
    func kill() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("assay.sqlite")
        var last = 0
        for delay in [40, 15, 60, 5, 25] {
            let victim = try startVictim(writingTo: path)
            while try committedBatches(in: path) <= last, victim.isRunning {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await Task.sleep(for: .milliseconds(delay))
            #expect(victim.isRunning)
            Foundation.kill(victim.processIdentifier, SIGKILL)
            victim.waitUntilExit()
            let batches = try expectWholeBatches(in: path)
            #expect(batches > last)
            last = batches
        }
    }

    /// What a reader sees while the victim is at work.
    private func committedBatches(in path: String) throws -> Int {
        guard FileManager.default.fileExists(atPath: path) else { return 0 }
        let ledger = try Ledger(path: path)
        guard let run = try ledger.runs().first else { return 0 }
        return try ledger.scoredRows(of: run.id, reward: 0).count / Self.batchLength
    }

    /// This test program again, running ``victim()`` alone.
    private func startVictim(writingTo path: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--filter", "LedgerCrashTests/victim", "--testing-library", "swift-testing"]
        process.environment = ProcessInfo.processInfo.environment.merging([Self.victimPath: path]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @Test(
        "The process that is killed: it writes batches until then",
        .enabled(if: ProcessInfo.processInfo.environment[victimPath] != nil, "runs as a child of another test"))
    func victim() throws {
        let path = try #require(ProcessInfo.processInfo.environment[Self.victimPath])
        let ledger = try Ledger(path: path)
        let id = try ledger.runs().first?.id ?? ledger.beginRun(.example)
        var number = try ledger.scoredRows(of: id, reward: 0).count / Self.batchLength
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            try ledger.appendScores(Self.batch(number), to: id, cost: RunCost(tokens: Self.batchLength))
            number += 1
        }
    }
    #endif

    @Test("Threads and connections that open and write one new file at the same time do not fail each other")
    func concurrency() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("assay.sqlite")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let ledger = try Ledger(path: path)
                    let id = try ledger.beginRun(.example)
                    for number in 0..<5 { try ledger.appendScores(Self.batch(number), to: id) }
                    try ledger.finishRun(id, as: .done)
                }
            }
            try await group.waitForAll()
        }
        let ledger = try Ledger(path: path)
        let runs = try ledger.runs()
        #expect(runs.count == 8 && Set(runs.map(\.id)).count == 8)
        for run in runs {
            #expect(try ledger.scoredRows(of: run.id, reward: 0).count == 5 * Self.batchLength)
            #expect(try ledger.digest(of: run.id) == ledger.digest(of: runs[0].id))
        }
    }
}

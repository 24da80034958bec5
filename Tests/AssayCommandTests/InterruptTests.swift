import Foundation
import Ledger
import TestSupport
import Testing

/// Runs that are asked to stop and cannot, because another program holds their ledger.
@Suite(.serialized)
struct InterruptTests {
    private let folder: TemporaryFolder
    private let arguments = [
        "score", "--reward", "rule:length", "--input", "rows.jsonl", "--output", "out.jsonl", "--quiet",
    ]

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(rows(6000), to: "rows.jsonl")
    }

    /// A run in the midst of its batches, whose next entry in the ledger has to wait.
    private func startStuck() throws -> (run: Command.Running, lock: WriteLock) {
        let running = try Command.start(arguments, in: folder)
        while running.process.isRunning, (try? folder.bytes("out.jsonl"))?.isEmpty != false {
            Thread.sleep(forTimeInterval: 0.005)
        }
        return (running, try #require(WriteLock(ledger: folder.file("assay.sqlite"))))
    }

    private func interrupt(_ running: Command.Running) {
        running.signal(SIGINT)
        while running.process.isRunning, !running.errorSoFar.contains("once more stops at once") {
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    @Test(
        "A second Ctrl-C stops at once, and one alone after three seconds; --resume goes on", arguments: [true, false])
    func abandons(isTwice: Bool) throws {
        let (running, lock) = try startStuck()
        interrupt(running)
        let start = ContinuousClock.now
        if isTwice { running.signal(SIGINT) }
        let result = running.finish()
        let seconds = start.duration(to: .now) / .seconds(1)
        #expect(result.code == 130)
        #expect(result.error.hasSuffix("assay: error: interrupted. Go on with the same command and --resume.\n"))
        #expect(isTwice ? seconds < 2.5 : seconds > 2.5 && seconds < 6, "\(seconds) s")
        lock.release()
        #expect(try Command.run(arguments + ["--resume"], in: folder).code == 0)
        let lines = String(decoding: try folder.bytes("out.jsonl"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 6000)
        #expect(try Ledger(path: folder.file("assay.sqlite")).runs()[0].status == .done)
    }
}

/// SQLite's lock of a write-ahead log's one writer, held by this process (https://sqlite.org/walformat.html, "WAL Locks").
final class WriteLock {
    private var descriptor: Int32

    /// Waits for the writer that has it; `nil` where the log's index is not there.
    init?(ledger: String) {
        descriptor = open("\(ledger)-shm", O_RDWR)
        guard descriptor >= 0, set(F_WRLCK) else { return nil }
    }

    deinit { release() }

    func release() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    private func set(_ kind: Int32) -> Bool {
        var lock = flock()
        lock.l_type = Int16(kind)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 120
        lock.l_len = 1
        return fcntl(descriptor, F_SETLKW, &lock) == 0
    }
}

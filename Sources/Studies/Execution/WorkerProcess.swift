import Diagnostics
import Experiment
import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The process that executes runs of one arm for a study.
///
/// It reads its assignment, one line of JSON, from standard input and writes a line a step and a line a run to what was its
/// standard output; whatever else is printed goes to standard error. The end of standard input means that the study's process
/// is gone: the worker then ends at once.
public enum WorkerProcess {
    /// Executes what standard input says.
    ///
    /// - Returns: the exit code: 0 also where runs failed, for it has said so.
    public static func main(runner: some ArmRunning) async -> Int32 {
        do throws(Diagnostic) {
            let channel = try WorkerChannel()
            let assignment = try WorkerAssignment(line: channel.readLine())
            channel.endWithInput()
            for job in assignment.jobs { try await execute(job, runner, channel) }
            return 0
        } catch {
            FileHandle.standardError.write(Data("assay worker: \(error)\n".utf8))
            return error.category.rawValue
        }
    }

    private static func execute(
        _ job: ArmJob, _ runner: some ArmRunning, _ channel: WorkerChannel
    ) async throws(Diagnostic) {
        let start = ContinuousClock.now
        let message: WorkerMessage
        do throws(Diagnostic) {
            let outcome = try await runner.run(job) { (readings) throws(Diagnostic) in
                try channel.send(.step(run: job.position, readings))
            }
            message = .init(outcome, of: job.position, seconds: start.duration(to: .now) / .seconds(1))
        } catch {
            message = .failed(
                run: job.position, message: error.description, category: error.category,
                seconds: start.duration(to: .now) / .seconds(1))
        }
        try channel.send(message)
    }
}

extension WorkerMessage {
    fileprivate init(_ outcome: ArmOutcome, of run: Int, seconds: Double) {
        switch outcome {
        case .done(let tokens): self = .done(run: run, seconds: seconds, tokens: tokens)
        case .diverged(let step, let reason, let tokens):
            self = .diverged(run: run, step: step, reason: reason, seconds: seconds, tokens: tokens)
        }
    }
}

/// A worker's line to its study.
final class WorkerChannel: Sendable {
    /// What was standard output.
    private let output: Mutex<Int32>

    /// Takes standard output for itself, so that nothing that a library prints gets among the messages.
    init() throws(Diagnostic) {
        let own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        guard own >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
            throw Diagnostic(.internalFailure, "standard output cannot be taken: \(String(cString: strerror(errno)))")
        }
        output = Mutex(own)
    }

    func readLine() throws(Diagnostic) -> [UInt8] {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while !line.contains(0x0A) {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw Diagnostic(
                    .usage, "no assignment came", remedy: "Workers are started by a study; use assay study run")
            }
            line += chunk[..<count]
        }
        return Array(line.prefix { $0 != 0x0A })
    }

    /// Ends the process when standard input does, whatever it is at.
    func endWithInput() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { _exit(Diagnostic.Category.interrupted.rawValue) }
            }
        }
    }

    func send(_ message: WorkerMessage) throws(Diagnostic) {
        let isSent = output.withLock { descriptor in Self.write(Array(message.line.utf8), to: descriptor) }
        guard isSent else { throw Diagnostic(.interrupted, "the study's process is gone") }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A worker process as its study sees it. It belongs to the thread that started it.
final class Worker {
    /// What is still to be done of its share; the first is the run at work.
    private(set) var share: WorkerShare
    let process: pid_t
    private let input: Int32
    /// -1 once it has ended.
    private(set) var output: Int32
    private(set) var errors: Int32
    private var line: [UInt8] = []
    private var lastWords: [UInt8] = []
    private var hasBeenReaped = false
    /// When its output ended, or all of its share was done.
    private(set) var silentSince: ContinuousClock.Instant?

    init(_ share: WorkerShare, assignment: WorkerAssignment, command: WorkerCommand) throws(Diagnostic) {
        self.share = share
        let started = try WorkerSpawn(command).start()
        (process, input, output, errors) = (started.process, started.input, started.output, started.errors)
        // A worker that is dead already says so by the end of its output.
        _ = WorkerChannel.write(Array(assignment.line.utf8), to: input)
    }

    deinit {
        stop()
        for descriptor in [input, output, errors] where descriptor >= 0 { close(descriptor) }
    }

    /// Kills the process and what it has started, where it still runs, and waits for it.
    func stop() {
        guard !hasBeenReaped else { return }
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        hasBeenReaped = true
    }

    /// The way the process ended; `nil` while it runs.
    func ending() -> Int32? {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) != 0 else { return nil }
        hasBeenReaped = true
        return status
    }

    func finish(_ run: Int) {
        share.runs.removeAll { $0.position == run }
        if share.runs.isEmpty { silentSince = .now }
    }

    /// The whole lines that have come since the last call.
    func receive() -> [[UInt8]] {
        guard output >= 0 else { return [] }
        var lines: [[UInt8]] = []
        let isOpen = Self.drain(output) { chunk in
            for byte in chunk {
                guard byte == 0x0A else {
                    line.append(byte)
                    continue
                }
                lines.append(line)
                line.removeAll(keepingCapacity: true)
            }
        }
        if !isOpen {
            close(output)
            output = -1
            silentSince = silentSince ?? .now
        }
        return lines
    }

    /// Keeps the end of what the process writes to standard error.
    func receiveErrors() {
        guard errors >= 0 else { return }
        let isOpen = Self.drain(errors) { lastWords = Array((lastWords + $0).suffix(4096)) }
        guard !isOpen else { return }
        close(errors)
        errors = -1
    }

    /// The last line that the process wrote to standard error; empty where it wrote none.
    var lastLine: String {
        let lines = String(decoding: lastWords, as: UTF8.self).split(whereSeparator: \.isNewline)
        return String(lines.last { !$0.allSatisfy(\.isWhitespace) }?.prefix(300) ?? "")
    }

    /// Returns whether more can come.
    private static func drain(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) }
            take(chunk[..<count])
        }
    }
}

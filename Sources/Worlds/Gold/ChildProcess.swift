import Diagnostics

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#else
@preconcurrency import Darwin
#endif

/// One run of an executable with a time limit, in a process group of its own.
///
/// Its input is an unlinked temporary file, not a pipe: a child that never reads it cannot block or signal us.
struct ChildProcess: Sendable {
    struct Outcome: Sendable {
        /// As `waitpid` gives it.
        var status: Int32 = 0
        /// The first bytes of its standard output and its standard error.
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var isTimedOut = false

        /// The exit code, or the signal that ended it.
        var ending: String {
            let signal = status & 0x7F
            return signal == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(signal)"
        }
    }

    /// The executable and its arguments.
    let arguments: [String]
    let seconds: Double

    /// Bytes kept of what the child prints; the rest is read and thrown away.
    private static let outputLimit = 1 << 16

    /// Blocks until the child has ended or the time is up; no process of its group is left then.
    ///
    /// - Throws: `inputMissing` where the executable cannot be started, `internalFailure` where the system has no room.
    func run(input: [UInt8]) throws(Diagnostic) -> Outcome {
        let file = try Self.temporaryFile(holding: input)
        defer { close(file) }
        let output = try Pipe()
        let errors = try Pipe()
        let child = try start(input: file, output: output, errors: errors)
        output.closeWriteEnd()
        errors.closeWriteEnd()
        var outcome = collect(child, output, errors)
        kill(-child, SIGKILL)
        while waitpid(child, &outcome.status, 0) < 0, errno == EINTR {}
        return outcome
    }

    /// Reads until the child has ended or the time is up. A grandchild that keeps the pipes open does not keep us.
    private func collect(_ child: pid_t, _ output: Pipe, _ errors: Pipe) -> Outcome {
        var outcome = Outcome()
        let deadline = Self.now() + seconds
        while true {
            let hasEnded = Self.hasEnded(child)
            output.drain(into: &outcome.output, limit: Self.outputLimit)
            errors.drain(into: &outcome.errors, limit: Self.outputLimit)
            if hasEnded { return outcome }
            let left = deadline - Self.now()
            guard left > 0 else {
                outcome.isTimedOut = true
                return outcome
            }
            Self.wait([output.readEnd, errors.readEnd], seconds: min(left, 0.02))
        }
    }

    /// Whether the child has ended. It stays a zombie, so that its id names no other process before the group is killed.
    private static func hasEnded(_ child: pid_t) -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(child), &information, WEXITED | WNOHANG | WNOWAIT) == 0
            && information.si_signo == SIGCHLD
    }

    private static func wait(_ ends: [Int32], seconds: Double) {
        var descriptors = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let count = poll(&descriptors, nfds_t(descriptors.count), Int32(max(1, seconds * 1000)))
        // A closed pipe is always ready; without a pause the loop would spin until the child is gone.
        let isClosed = descriptors.allSatisfy { $0.revents & Int16(POLLIN) == 0 }
        if count > 0, isClosed { usleep(1000) }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func temporaryFile(holding bytes: [UInt8]) throws(Diagnostic) -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(folder)/assay-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw failure("no temporary file can be made in \(folder)") }
        unlink(name)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(file)
                throw failure("a temporary file in \(folder) cannot be written")
            }
            written += count
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    fileprivate static func failure(_ what: String) -> Diagnostic {
        Diagnostic(
            .internalFailure, "\(what): \(String(cString: strerror(errno)))",
            remedy: "Free disk space or file descriptors and try again")
    }
}

extension ChildProcess {
    private func start(input: Int32, output: Pipe, errors: Pipe) throws(Diagnostic) -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, 2)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let status = posix_spawnp(&child, arguments[0], &actions, &attributes, &words, environ)
        guard status == 0 else {
            throw Diagnostic(
                .inputMissing, "'\(arguments[0])' cannot be started: \(String(cString: strerror(status)))",
                at: .init(field: "gold.command"), remedy: "Name an executable file, with its path or in PATH")
        }
        return child
    }
}

/// A pipe whose ends close with it, are not inherited, and whose read end never blocks.
private final class Pipe {
    let readEnd: Int32
    private(set) var writeEnd: Int32

    init() throws(Diagnostic) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ChildProcess.failure("no pipe can be made") }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    /// Reads what is there; keeps bytes up to the limit.
    func drain(into kept: inout [UInt8], limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        // A bounded number of rounds, so that a child that prints without end cannot outlast its time limit here.
        for _ in 0..<64 {
            let count = read(readEnd, &buffer, buffer.count)
            guard count > 0 else { return }
            kept += buffer.prefix(min(count, max(0, limit - kept.count)))
        }
    }
}

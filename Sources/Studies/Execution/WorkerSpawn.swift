import Diagnostics
import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Starts a process with pipes for its three streams.
///
/// It gets a process group of its own, so that Ctrl-C reaches only the study, which then stops its workers in good order; a
/// signal mask without what the study blocks; and no descriptor of the study or of other workers, whose ends it would hide.
struct WorkerSpawn {
    let command: WorkerCommand

    struct Started {
        var process: pid_t
        var input: Int32
        /// Reading never waits.
        var output: Int32
        /// Reading never waits.
        var errors: Int32
    }

    private struct Pipe {
        var readEnd: Int32
        var writeEnd: Int32
    }

    init(_ command: WorkerCommand) { self.command = command }

    func start() throws(Diagnostic) -> Started {
        var pipes: [Pipe] = []
        do throws(Diagnostic) {
            for _ in 0..<3 { pipes.append(try Self.pipe()) }
            let process = try spawn(input: pipes[0].readEnd, output: pipes[1].writeEnd, errors: pipes[2].writeEnd)
            for descriptor in [pipes[0].readEnd, pipes[1].writeEnd, pipes[2].writeEnd] { close(descriptor) }
            return Started(
                process: process, input: pipes[0].writeEnd, output: Self.withoutWaiting(pipes[1].readEnd),
                errors: Self.withoutWaiting(pipes[2].readEnd))
        } catch {
            for pipe in pipes {
                close(pipe.readEnd)
                close(pipe.writeEnd)
            }
            throw error
        }
    }

    private static func pipe() throws(Diagnostic) -> Pipe {
        var ends: [Int32] = [-1, -1]
        guard makePipe(&ends) == 0 else { throw failure("no pipe can be made", errno) }
        return Pipe(readEnd: ends[0], writeEnd: ends[1])
    }

    private static func withoutWaiting(_ descriptor: Int32) -> Int32 {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return descriptor
    }

    private func spawn(input: Int32, output: Int32, errors: Int32) throws(Diagnostic) -> pid_t {
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
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        Self.setSignals(&attributes)
        var process: pid_t = 0
        let code = Self.withCStrings([command.executable] + command.arguments) { arguments in
            Self.withCStrings(environment) { environment in
                posix_spawn(&process, command.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw Self.failure("the worker \(command.executable) cannot be started", code) }
        return process
    }

    #if canImport(Darwin)
    private typealias Attributes = posix_spawnattr_t?
    #else
    private typealias Attributes = posix_spawnattr_t
    #endif

    private static func setSignals(_ attributes: inout Attributes) {
        var blocked = sigset_t()
        sigemptyset(&blocked)
        var restored = sigset_t()
        sigemptyset(&restored)
        for number in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&restored, number) }
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setsigdefault(&attributes, &restored)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private var environment: [String] {
        ProcessInfo.processInfo.environment.merging(command.environment) { $1 }.map { "\($0.key)=\($0.value)" }
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }

    private static func failure(_ message: String, _ code: Int32) -> Diagnostic {
        Diagnostic(
            .unavailable, "\(message): \(String(cString: strerror(code)))",
            remedy: "Check the machine's limits on processes and open files, or lower --jobs")
    }
}

/// Two ends of a stream. No other child of this process ever gets them, for the system makes them so in one step where it
/// can, as it cannot for pipes by any call that Swift sees on every platform.
private func makePipe(_ ends: inout [Int32]) -> Int32 {
    #if os(Linux)
    return socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    #else
    guard pipe(&ends) == 0 else { return -1 }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return 0
    #endif
}

import Foundation

/// How a worker is started.
public struct WorkerCommand: Sendable, Hashable {
    /// An executable file; not looked for in the search path.
    public var executable: String
    public var arguments: [String]
    /// Variables added to this process's. A worker computes on one thread, so that the number of jobs changes no number.
    public var environment: [String: String]

    public init(
        executable: String, arguments: [String] = ["worker"], environment: [String: String] = Self.singleThreaded
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }

    /// This program's own file, whatever has been put in its place since it was started.
    public static func thisProgram(_ arguments: [String] = ["worker"]) -> WorkerCommand {
        #if os(Linux)
        WorkerCommand(executable: "/proc/self/exe", arguments: arguments)
        #else
        WorkerCommand(executable: Bundle.main.executablePath ?? CommandLine.arguments[0], arguments: arguments)
        #endif
    }

    /// One thread in every library that reads these; and no backtrace, which takes seconds to make.
    public static let singleThreaded = [
        "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no",
    ]
}

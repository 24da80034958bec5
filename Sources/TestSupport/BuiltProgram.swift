import Foundation

/// A process at work, its streams going to files; most often the built program, run as a user runs it.
public final class BuiltProgram {
    /// Where the built program is: beside the test bundle.
    public static let path: String = {
        let bundle = CommandLine.arguments[0].contains(".xctest") ? CommandLine.arguments[0] : Bundle.main.bundlePath
        var folder = URL(filePath: bundle).deletingLastPathComponent()
        while !FileManager.default.isExecutableFile(atPath: folder.appending(path: "assay").path), folder.path != "/" {
            folder = folder.deletingLastPathComponent()
        }
        return folder.appending(path: "assay").path
    }()

    /// How it ended.
    public struct Result: Sendable {
        /// The exit code; a signal's number, negative, where one ended it.
        public var code: Int32
        public var output: String
        public var error: String
    }

    public let process = Process()
    private let output: URL
    private let error: URL

    /// Starts an executable in a folder, where its streams are kept.
    public init(
        executable: String = path, _ arguments: [String], in folder: TemporaryFolder,
        environment further: [String: String] = [:]
    ) throws {
        output = URL(filePath: folder.file(".stdout-\(UUID().uuidString)"))
        error = URL(filePath: folder.file(".stderr-\(UUID().uuidString)"))
        for file in [output, error] { try Data().write(to: file) }
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        var environment = ProcessInfo.processInfo.environment
        environment["COLUMNS"] = "80"
        environment.merge(further) { $1 }
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: error)
        heedInterrupts()
        try process.run()
    }

    public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// What it has written to standard error until now.
    public var errorSoFar: String { text(error) }

    /// What it has written to standard output until now.
    public var outputSoFar: String { text(output) }

    /// Its end, waited for without holding the thread: what it asks for may be answered by this process.
    public func ended() async throws -> Result {
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        return finish()
    }

    public func finish() -> Result {
        process.waitUntilExit()
        let status = process.terminationStatus
        return Result(
            code: process.terminationReason == .exit ? status : -status, output: text(output), error: text(error))
    }

    private func text(_ file: URL) -> String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }
}

/// A shell that runs the tests in the background has them ignore SIGINT, and so would every program that they start.
private func heedInterrupts() { _ = signal(SIGINT, SIG_DFL) }

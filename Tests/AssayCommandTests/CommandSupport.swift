import Foundation
import TestSupport
import Testing
import Torch

/// The built program, run as a user runs it.
enum Command {
    /// Beside the test bundle.
    static let path: String = {
        let bundle = CommandLine.arguments[0].contains(".xctest") ? CommandLine.arguments[0] : Bundle.main.bundlePath
        var folder = URL(filePath: bundle).deletingLastPathComponent()
        while !FileManager.default.isExecutableFile(atPath: folder.appending(path: "assay").path), folder.path != "/" {
            folder = folder.deletingLastPathComponent()
        }
        return folder.appending(path: "assay").path
    }()

    static let hasTorch = (try? TorchLibrary.version()) != nil

    struct Result {
        var code: Int32
        var output: String
        var error: String
    }

    /// Runs the program to its end.
    static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> Result {
        let running = try start(arguments, in: folder)
        return running.finish()
    }

    static func start(_ arguments: [String], in folder: TemporaryFolder) throws -> Running {
        try Running(executable: path, arguments, in: folder)
    }

    /// A process at work, its streams going to files.
    final class Running {
        let process = Process()
        private let output: URL
        private let error: URL

        init(executable: String, _ arguments: [String], in folder: TemporaryFolder) throws {
            output = URL(filePath: folder.file(".stdout-\(UUID().uuidString)"))
            error = URL(filePath: folder.file(".stderr-\(UUID().uuidString)"))
            for file in [output, error] { try Data().write(to: file) }
            process.executableURL = URL(filePath: executable)
            process.arguments = arguments
            process.currentDirectoryURL = URL(filePath: folder.path)
            var environment = ProcessInfo.processInfo.environment
            environment["COLUMNS"] = "80"
            process.environment = environment
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: error)
            try process.run()
        }

        func signal(_ number: Int32) { kill(process.processIdentifier, number) }

        /// What it has written to standard error until now.
        var errorSoFar: String { text(error) }

        /// The exit code; a signal's number, negative, where one ended it.
        func finish() -> Result {
            process.waitUntilExit()
            let status = process.terminationStatus
            return Result(
                code: process.terminationReason == .exit ? status : -status, output: text(output), error: text(error))
        }

        private func text(_ file: URL) -> String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }
    }
}

/// Where the tests find their data.
enum Place {
    /// The repository's root.
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    static func fixture(_ name: String) -> String { "\(root)/Tests/Fixtures/\(name)" }
}

/// Rows of three responses, as many as asked for.
func rows(_ count: Int) -> String {
    (0..<count).map { "{\"id\":\"r\($0)\",\"prompt\":\"p\",\"responses\":[\"a\",\"b \($0)\",\"ccc\"]}\n" }.joined()
}

import Foundation
import TestSupport
import Testing
import Torch

/// The built program, run as a user runs it.
enum Command {
    static let path = BuiltProgram.path
    typealias Running = BuiltProgram
    typealias Result = BuiltProgram.Result

    static let hasTorch = (try? TorchLibrary.version()) != nil

    /// Runs the program to its end.
    static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> Result {
        let running = try start(arguments, in: folder)
        return running.finish()
    }

    static func start(_ arguments: [String], in folder: TemporaryFolder) throws -> Running {
        try Running(executable: path, arguments, in: folder)
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

import Foundation
import JSON

/// Where the tests' files are.
enum Fixtures {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// The lines of a JSON-lines file in `Tests/Fixtures/rewards`.
    static func lines(_ name: String) throws -> [JSONValue] {
        let reader = try JSONLines(path: tests.appending(path: "Fixtures/rewards/\(name)").path)
        var values: [JSONValue] = []
        while let (_, value) = try reader.next() { values.append(value) }
        return values
    }

    /// A file of the data beside the repository, which is not always there.
    static func shared(_ path: String) -> String {
        tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/\(path)").path
    }

    static func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}

/// A text file that goes when its owner does.
final class TemporaryFile {
    let path: String

    init(_ text: String) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)").path
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

// A fixture that lacks what a test reads is a broken checkout; there is nothing to recover.
// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import JSON

/// Numbers made by scripts/fixtures/make_verdict_fixtures.py.
struct VerdictFixture {
    private let root: JSONValue

    init(_ name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/verdicts/\(name).json")
        root = try JSONValue(parsing: Data(contentsOf: file))
    }

    /// The cases under a key.
    subscript(key: String) -> [JSONValue] { root[key]!.arrayValue! }
}

// A fixture that lacks what a test reads is a broken checkout; there is nothing to recover.
// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import JSON

/// Numbers made by scripts/fixtures/make_verdict_fixtures.py.
struct VerdictFixture {
    private let root: JSONValue

    init(_ name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fixtures/verdicts/\(name).json")
        root = try JSONValue(parsing: Data(contentsOf: file))
    }

    /// The cases under a key.
    subscript(key: String) -> [JSONValue] { root[key]!.arrayValue! }
}

extension JSONValue {
    var number: Double { doubleValue! }
    var numbers: [Double] { arrayValue!.map(\.number) }
    var rows: [[Double]] { arrayValue!.map(\.numbers) }
    func number(_ key: String) -> Double { self[key]!.number }
    func numbers(_ key: String) -> [Double] { self[key]!.numbers }
    func rows(_ key: String) -> [[Double]] { self[key]!.rows }
}

func agree(_ actual: Double, _ expected: Double, relative: Double = 1e-9) -> Bool {
    actual == expected || (actual - expected).magnitude <= max(1e-12, relative * expected.magnitude)
}

func agree(_ actual: [Double], _ expected: [Double], relative: Double = 1e-9) -> Bool {
    actual.count == expected.count && zip(actual, expected).allSatisfy { agree($0, $1, relative: relative) }
}

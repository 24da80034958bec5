// A fixture that lacks what a test reads is a broken checkout; there is nothing to recover.
// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import JSON
import Testing

/// Numbers made by scripts/fixtures/make_statistics_fixtures.py.
struct Fixture {
    private let root: JSONValue

    init(_ name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/statistics/\(name).json")
        root = try JSONValue(parsing: Data(contentsOf: file))
    }

    /// The cases under a key, each an array or an object.
    subscript(key: String) -> [JSONValue] { root[key]!.arrayValue! }
}

extension JSONValue {
    subscript(index: Int) -> JSONValue { arrayValue![index] }
    var number: Double { doubleValue! }
    var integer: Int { intValue! }
    var numbers: [Double] { arrayValue!.map(\.number) }
    var integers: [Int] { arrayValue!.map(\.integer) }
    var booleans: [Bool] { arrayValue!.map { $0.boolValue! } }
    func numbers(_ key: String) -> [Double] { self[key]!.numbers }
    func number(_ key: String) -> Double { self[key]!.number }
}

/// Whether two numbers agree to a relative or an absolute difference.
func agree(_ actual: Double, _ expected: Double, relative: Double = 1e-10, absolute: Double = 1e-14) -> Bool {
    actual == expected || (actual - expected).magnitude <= max(absolute, relative * expected.magnitude)
}

func agree(_ actual: [Double], _ expected: [Double], relative: Double = 1e-10, absolute: Double = 1e-14) -> Bool {
    actual.count == expected.count
        && zip(actual, expected).allSatisfy { agree($0, $1, relative: relative, absolute: absolute) }
}

/// Four standard errors of a share seen in so many replicates: what Monte Carlo alone explains.
func monteCarloTolerance(_ share: Double, replicates: Int) -> Double {
    4 * (share * (1 - share) / Double(replicates)).squareRoot()
}

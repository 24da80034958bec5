import CTorch
import Foundation
import JSON
import Testing

@testable import Torch

/// Whether arithmetic can be done here; what needs it is skipped visibly where it cannot.
enum TorchSetup {
    static let isThere = (try? TorchLibrary.path()) != nil
    static let absence: Comment = "libtorch is not set up: run scripts/setup, or set ASSAY_TORCH_SHIM"
}

extension Tensor {
    static func holding(_ values: [Float], _ shape: [Int]) throws -> Tensor { try from(values, shape: shape) }

    /// Evenly mixed numbers in [-1, 1) that depend on the seed alone.
    static func mixed(_ seed: UInt64, _ shape: [Int], type: ElementType = .float32) throws -> Tensor {
        try random(.uniform, seed: seed, shape: shape).scaled(by: 2, plus: -1).converted(to: type)
    }
}

extension JSONValue {
    func elements(_ key: String) throws -> [JSONValue] { try #require(self[key]?.arrayValue, "\(key)") }
    func integers(_ key: String) throws -> [Int] { try elements(key).map { try #require($0.intValue) } }
    func numbers(_ key: String) throws -> [Double] { try elements(key).map { try #require($0.doubleValue) } }
}

/// The largest |Δ| as a share of the expected numbers' largest magnitude.
func relativeError(_ got: [Double], _ expected: [Double]) throws -> Double {
    try #require(got.count == expected.count)
    let scale = expected.map(\.magnitude).max() ?? 0
    let error = zip(got, expected).map { $0 == $1 ? 0 : ($0 - $1).magnitude }.max() ?? 0
    return error.isNaN ? .infinity : error / max(scale, .leastNormalMagnitude)
}

/// What `scripts/fixtures/make_torch_fixtures.py` makes.
enum TorchFixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/torch").path
}

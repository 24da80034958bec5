import Diagnostics
import Experiment
import JSON

/// `true-equations`: the share of a response's calculator annotations, `<<48/2=24>>`, that hold; 0 where it has none.
///
/// An annotation holds where both sides of its `=` (all sides, where there are several) are arithmetic and equal to within
/// tolerance·max(1, |left|, |right|). What is not closed by `>>` does not count.
public struct TrueEquationsGold: GoldRule {
    public let tolerance: Double

    public init(tolerance: Double = 1e-6) { self.tolerance = tolerance }

    public var json: JSONValue {
        ["rule": .string(GoldRuleName.trueEquations.rawValue), "tolerance": .number(tolerance)]
    }
    public var range: ClosedRange<Double> { .probability }

    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        responses.map { share(in: $0.text) }
    }

    /// The share of a text's annotations that hold.
    public func share(in text: String) -> Double {
        let annotations = Self.annotations(in: Array(text.utf8))
        guard !annotations.isEmpty else { return 0 }
        return Double(annotations.count(where: holds)) / Double(annotations.count)
    }

    private static func annotations(in bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var (found, start, place) = ([ArraySlice<UInt8>](), Int?.none, 0)
        while place + 1 < bytes.count {
            switch (bytes[place], bytes[place + 1], start) {
            case (UInt8(ascii: "<"), UInt8(ascii: "<"), _): start = place + 2
            case (UInt8(ascii: ">"), UInt8(ascii: ">"), let begin?):
                found.append(bytes[begin..<place])
                start = nil
            default:
                place += 1
                continue
            }
            place += 2
        }
        return found
    }

    private func holds(_ annotation: ArraySlice<UInt8>) -> Bool {
        let sides = annotation.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
        let values = sides.compactMap { ArithmeticExpression.value(of: $0) }
        guard values.count == sides.count, values.count >= 2 else { return false }
        return zip(values, values.dropFirst()).allSatisfy { left, right in
            abs(left - right) <= tolerance * max(1, abs(left), abs(right))
        }
    }
}

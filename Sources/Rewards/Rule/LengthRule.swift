import Diagnostics
import Experiment
import JSON

/// `rule:length`: the length of the response, a control that benchmarks whose better answers are longer reward.
public struct LengthRule: ModelFreeReward, Sendable {
    /// What is counted.
    public enum Unit: String, Sendable, CaseIterable {
        /// Unicode scalars (code points), as Python's `len` counts.
        case characters
        /// Longest runs of scalars without the Unicode property White_Space.
        case words
        /// Line feeds, and the last line where it does not end in one.
        case lines
    }

    public let spec: String
    public let unit: Unit

    /// - Throws: `usage` where a key or value is wrong.
    public init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        unit = try parameters.choice("unit", default: .characters)
        try parameters.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue { ["kind": "rule", "rule": "length", "unit": .string(unit.rawValue)] }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        GroupScore(id: group.id, scores: group.responses.map { Double(unit.count($0)) })
    }
}

extension LengthRule.Unit {
    /// How many of the unit a text holds, in time linear in its length.
    public func count(_ text: String) -> Int {
        switch self {
        case .characters: text.unicodeScalars.count
        case .words: Self.words(in: text)
        case .lines: Self.lines(in: text)
        }
    }

    private static func words(in text: String) -> Int {
        var count = 0
        var isInWord = false
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace
            if !isSpace, !isInWord { count += 1 }
            isInWord = !isSpace
        }
        return count
    }

    private static func lines(in text: String) -> Int {
        let feeds = text.utf8.reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
        return text.utf8.last == 0x0A ? feeds : feeds + 1
    }
}

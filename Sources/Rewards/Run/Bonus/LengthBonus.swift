import Diagnostics
import Experiment
import JSON

/// `bonus:length`: weight·n for a response of length n, or −weight·|n − target| where a target is given.
///
/// Tokens are counted as sampled, the end token included; characters and words as ``LengthRule/Unit`` counts them.
public struct LengthBonus: ModelFreeReward {
    /// What is counted.
    public enum Unit: String, Sendable, CaseIterable { case tokens, characters, words }

    public let spec: String
    public let weight: Double
    public let unit: Unit
    public let target: Double?

    init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        weight = try parameters.double("weight", default: 1)
        unit = try parameters.choice("unit", default: .tokens)
        let target = try parameters.double("target", default: 0, in: .nonNegative)
        self.target = parameters.text("target") == nil ? nil : target
        try parameters.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue {
        var object: JSONObject = ["kind": "bonus", "bonus": "length", "unit": .string(unit.rawValue)]
        object["weight"] = .number(weight)
        object["target"] = target.map { .number($0) }
        return .object(object)
    }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        let scores = try lengths(of: group).map { length in
            weight * (target.map { -abs(Double(length) - $0) } ?? Double(length))
        }
        return try GroupScore(finite: scores, of: group, by: spec)
    }

    private func lengths(of group: Group) throws(Diagnostic) -> [Int] {
        switch unit {
        case .tokens: try group.sampled(for: spec).responses.map(\.tokens.count)
        case .characters: group.responses.map(LengthRule.Unit.characters.count)
        case .words: group.responses.map(LengthRule.Unit.words.count)
        }
    }
}

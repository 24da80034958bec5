import Diagnostics
import Experiment
import JSON

/// `bonus:diversity`: weight times the share of the group's other responses that differ from this one, byte by byte; 0 for a
/// response that has no others.
public struct DiversityBonus: ModelFreeReward {
    public let spec: String
    public let weight: Double

    init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        weight = try parameters.double("weight", default: 1)
        try parameters.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue { ["kind": "bonus", "bonus": "diversity", "weight": .number(weight)] }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        let texts = group.responses.map { Array($0.utf8) }
        let counts = Dictionary(texts.lazy.map { ($0, 1) }, uniquingKeysWith: +)
        let others = max(1, texts.count - 1)
        let scores = texts.map { weight * Double(texts.count - (counts[$0] ?? 1)) / Double(others) }
        return try GroupScore(finite: scores, of: group, by: spec)
    }
}

import Diagnostics
import Experiment
import JSON

/// `rule:markdown`: how much Markdown structure the response has (``MarkdownStructure/total``), a control that
/// benchmarks whose better answers are formatted reward.
public struct MarkdownRule: ModelFreeReward, Sendable {
    public let spec: String

    /// - Throws: `usage` where the spec has a key.
    public init(_ spec: RewardSpec) throws(Diagnostic) {
        try spec.parameterReader.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue { ["kind": "rule", "rule": "markdown"] }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        GroupScore(id: group.id, scores: group.responses.map { Double(MarkdownStructure(of: $0).total) })
    }
}

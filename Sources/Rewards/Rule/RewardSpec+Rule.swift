import Diagnostics
import Experiment

extension RewardSpec {
    /// Makes the rule that a `rule:` spec names.
    ///
    /// - Throws: `usage` where there is no such rule, or a key or value is wrong.
    func makeRule() throws(Diagnostic) -> any ModelFreeReward {
        switch source {
        case "length": return try LengthRule(self)
        case "markdown": return try MarkdownRule(self)
        case "coin": return try CoinRule(self)
        default:
            let names = ["length", "markdown", "coin"]
            let nearest = NearestName(to: source, among: names).map { "Did you mean '\($0.name)'? " } ?? ""
            throw Diagnostic(
                .usage, "there is no rule '\(source.prefix(40))'",
                at: .init(field: "reward '\(RewardSpec.excerpt(of: description))'"),
                remedy: "\(nearest)The rules are \(names.joined(separator: ", "))")
        }
    }
}

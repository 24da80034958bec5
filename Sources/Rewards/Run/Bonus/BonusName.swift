import Diagnostics
import Experiment

/// What a bonus may be for.
public enum BonusName: String, Sendable, CaseIterable {
    case length, diversity, count
}

extension RewardSpec {
    /// Makes the bonus that a `bonus:` spec names.
    ///
    /// - Throws: `usage` where there is no such bonus, or a key or value is wrong.
    func makeBonus() throws(Diagnostic) -> any Reward {
        let names = BonusName.allCases.map(\.rawValue)
        guard let name = BonusName(rawValue: source) else {
            let nearest = NearestName(to: source, among: names).map { "Did you mean '\($0.name)'? " } ?? ""
            throw Diagnostic(
                .usage, "there is no bonus '\(source.prefix(40))'",
                at: .init(field: "reward '\(RewardSpec.excerpt(of: description))'"),
                remedy: "\(nearest)The bonuses are \(names.joined(separator: ", "))")
        }
        switch name {
        case .length: return try LengthBonus(self)
        case .diversity: return try DiversityBonus(self)
        case .count: return try CountBonus(self)
        }
    }
}

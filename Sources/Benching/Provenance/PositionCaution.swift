import Diagnostics
import LanguageModel
import Rewards

extension ScoringOptions {
    /// What to be told where the maximum length asked for is above the positions that a spec's models were made for.
    func positionCautions(of spec: RewardSpec) throws(Diagnostic) -> [String] {
        guard let length = model.maximumLength else { return [] }
        var cautions: [String] = []
        for folder in Set(spec.checkpoints).sorted() {
            let positions = try ModelConfiguration(directory: folder).maximumPositions
            guard length > positions else { continue }
            cautions.append("--max-length \(length) is above the \(positions) positions that \(folder) was made for")
        }
        return cautions
    }
}

extension RewardSpec {
    /// The folders of all models that it runs, its members' and references included.
    var checkpoints: [String] {
        let own = kind.needsModel ? [source] : []
        let reference = kind == .implicit ? [self["reference"]].compactMap(\.self).filter { $0 != "none" } : []
        return own + reference + members.flatMap(\.checkpoints)
    }
}

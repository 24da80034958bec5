import Diagnostics
import Experiment
import JSON

/// Reads what a study says about levels of its factors: which combinations are left out, and which get controls.
struct LevelReader {
    let factors: [StudyDesign.Factor]

    func exclusions(_ values: [JSONValue]) throws(Diagnostic) -> [StudyDesign.Exclusion] {
        var exclusions: [StudyDesign.Exclusion] = []
        for (index, value) in values.enumerated() {
            let levels = try levels(value, at: "exclude.\(index)")
            guard !levels.isEmpty else {
                throw Diagnostic(
                    .usage, "this would leave every arm out", at: .init(field: "exclude.\(index)"),
                    remedy: "Name factors and their levels: {regime: tilt}")
            }
            exclusions.append(StudyDesign.Exclusion(levels: levels))
        }
        return exclusions
    }

    func controls(_ reader: SettingsReader) throws(Diagnostic) -> StudyDesign.Controls {
        var reader = reader
        var controls = StudyDesign.Controls()
        controls.sameAgain = try reader.flag("a-a", default: true)
        controls.placebo = try reader.flag("placebo", default: true)
        if let value = reader.value("of") {
            for (factor, chosen) in try levels(value, at: reader.path(of: "of")) {
                guard chosen.count == 1 else {
                    throw reader.wrong("of", value, "should name one level a factor")
                }
                controls.of[factor] = chosen[0]
            }
        }
        try reader.finish()
        return controls
    }

    /// A map from factors to one level or a list of levels.
    private func levels(_ value: JSONValue, at path: String) throws(Diagnostic) -> [String: [JSONValue]] {
        let reader = try SettingsReader(value, path: path)
        var found: [String: [JSONValue]] = [:]
        for (name, value) in value.objectValue ?? [:] {
            guard let factor = factors.first(where: { $0.name == name }) else {
                throw unknown("factor", name, among: factors.map(\.name), at: reader.path(of: name))
            }
            let chosen = value.arrayValue ?? [value]
            for level in chosen where !factor.levels.contains(where: { StudyDesign.isSameLevel($0.value, level) }) {
                let name = level.stringValue ?? level.text
                throw unknown("level", name, among: factor.levels.map(\.name), at: reader.path(of: factor.name))
            }
            found[name] = chosen
        }
        return found
    }

    private func unknown(_ what: String, _ name: String, among known: [String], at path: String) -> Diagnostic {
        let nearest = NearestName(to: name, among: known)?.name
        let all = known.isEmpty ? "The study has none" : "Known: \(known.joined(separator: ", "))"
        return Diagnostic(
            .usage, "there is no \(what) '\(name)'", at: .init(field: path),
            remedy: nearest.map { "Did you mean \($0)?" } ?? all)
    }
}

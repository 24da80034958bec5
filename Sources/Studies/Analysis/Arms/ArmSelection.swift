import Diagnostics
import Experiment
import JSON

/// Which arms an analysis looks at: `{factor: accuracy, within: [regime, mechanism], where: {mechanism: planted}}`.
///
/// Arms that share the levels of the factors named by `within` make a group; in a group only `factor` varies.
struct ArmSelection: Sendable {
    /// What varies in a group; `nil` where arms stand side by side.
    let factor: StudyDesign.Factor?
    let within: [StudyDesign.Factor]
    /// Factor to the levels that are looked at.
    let chosen: [String: [JSONValue]]

    /// - Parameter allowsSide: whether arms may differ in factors that are not named; they then stand side by side.
    init(
        _ reader: inout SettingsReader, of design: StudyDesign, needsFactor: Bool = true, allowsSide: Bool = false
    ) throws(Diagnostic) {
        let name = try reader.string("factor")
        factor = try name.map { (name) throws(Diagnostic) in
            try Self.factor(name, at: reader.path(of: "factor"), of: design)
        }
        within = try Self.within(&reader, design)
        chosen = try Self.chosen(&reader, design)
        guard factor != nil || !needsFactor else {
            throw Diagnostic(
                .usage, "the analysis does not say which factor it looks at",
                at: .init(field: reader.path(of: "factor")),
                remedy: "Write factor: one of \(design.factors.map(\.name).joined(separator: ", "))")
        }
        if !allowsSide { try refuseOthers(reader, design) }
    }

    private static func within(
        _ reader: inout SettingsReader, _ design: StudyDesign
    ) throws(Diagnostic) -> [StudyDesign.Factor] {
        guard let value = reader.value("within") else { return [] }
        var factors: [StudyDesign.Factor] = []
        for element in value.arrayValue ?? [value] {
            guard let name = element.stringValue else {
                throw reader.wrong("within", element, "should name factors")
            }
            factors.append(try factor(name, at: reader.path(of: "within"), of: design))
        }
        return factors
    }

    private static func chosen(
        _ reader: inout SettingsReader, _ design: StudyDesign
    ) throws(Diagnostic) -> [String: [JSONValue]] {
        let path = reader.path(of: "where")
        let map = try reader.map("where")
        var chosen: [String: [JSONValue]] = [:]
        for (name, value) in reader.value("where")?.objectValue ?? [:] {
            let factor = try factor(name, at: map.path(of: name), of: design)
            let levels = value.arrayValue ?? [value]
            for level in levels { try requireLevel(level, of: factor, at: "\(path).\(name)") }
            chosen[name] = levels
        }
        return chosen
    }

    /// Two arms of a group that differ in a factor which nobody named would be taken for the same level.
    private func refuseOthers(_ reader: SettingsReader, _ design: StudyDesign) throws(Diagnostic) {
        let named = Set(within.map(\.name) + [factor?.name].compactMap { $0 })
        for other in design.factors where !named.contains(other.name) {
            guard chosen[other.name]?.count ?? other.levels.count > 1 else { continue }
            throw Diagnostic(
                .usage, "the factor \(other.name) varies too", at: .init(field: reader.path),
                remedy: "Name it in within, or choose one level of it: where: {\(other.name): \(other.levels[0].name)}")
        }
    }
}

extension ArmSelection {
    static func factor(
        _ name: String, at path: String, of design: StudyDesign
    ) throws(Diagnostic) -> StudyDesign.Factor {
        if let factor = design.factors.first(where: { $0.name == name }) { return factor }
        let names = design.factors.map(\.name)
        let nearest = NearestName(to: name, among: names)?.name
        throw Diagnostic(
            .usage, "there is no factor '\(name)'", at: .init(field: path),
            remedy: nearest.map { "Did you mean \($0)?" } ?? "Known: \(names.joined(separator: ", "))")
    }

    static func requireLevel(
        _ level: JSONValue, of factor: StudyDesign.Factor, at path: String
    ) throws(Diagnostic) {
        guard !factor.levels.contains(where: { StudyDesign.isSameLevel($0.value, level) }) else { return }
        let names = factor.levels.map(\.name)
        let text = level.stringValue ?? level.text
        let nearest = NearestName(to: text, among: names)?.name
        throw Diagnostic(
            .usage, "the factor \(factor.name) has no level '\(text)'", at: .init(field: path),
            remedy: nearest.map { "Did you mean \($0)?" } ?? "Known: \(names.joined(separator: ", "))")
    }

    /// The groups in the order of their first arms; those without an arm are left out.
    func groups(in readings: StudyReadings) -> [ArmGroup] {
        var groups: [ArmGroup] = []
        for arm in readings.arms where isChosen(arm) {
            let levels = JSONObject(within.map { ($0.name, arm.levels[$0.name] ?? .null) })
            let place =
                groups.firstIndex { $0.levels == levels }
                ?? {
                    groups.append(ArmGroup(levels: levels))
                    return groups.count - 1
                }()
            if arm.role == .design { groups[place].arms.append(arm) } else { groups[place].controls.append(arm) }
        }
        return groups.filter { !$0.arms.isEmpty }
    }

    private func isChosen(_ arm: ArmReadings) -> Bool {
        chosen.allSatisfy { factor, levels in
            levels.contains { StudyDesign.isSameLevel(arm.levels[factor], $0) }
        }
    }
}

/// Arms between which only one factor varies.
struct ArmGroup: Sendable {
    /// What they share: factor to level.
    let levels: JSONObject
    var arms: [ArmReadings] = []
    /// Copies of some of them that ask nothing.
    var controls: [ArmReadings] = []

    /// `grpo, planted`; a number with its factor's name: `learning-rate 0.001`.
    var title: String { levels.isEmpty ? "all arms" : Self.title(of: levels) }

    static func title(of levels: JSONObject) -> String {
        levels.filter { $0.key != Arm.Role.key }.map { factor, level in
            level.stringValue ?? "\(factor) \(level.text)"
        }.joined(separator: ", ")
    }

    /// What verdicts about the group are about; `subject` alone where there is one group.
    func subject(_ subject: String) -> String { levels.isEmpty ? subject : "\(subject), \(title)" }

    func arm(_ factor: String, at level: JSONValue) -> ArmReadings? {
        arms.first { StudyDesign.isSameLevel($0.levels[factor], level) }
    }
}

import Diagnostics
import Experiment
import JSON

/// Reads a study's factors: a map from names to lists of levels, each `{level: value, set: {path: value}}`.
enum FactorReader {
    static func factors(_ value: JSONValue) throws(Diagnostic) -> [StudyDesign.Factor] {
        let reader = try SettingsReader(value, path: "factors")
        var factors: [StudyDesign.Factor] = []
        for (name, levels) in value.objectValue ?? [:] {
            factors.append(try factor(name, levels, at: reader.path(of: name)))
        }
        try refuseErasing(factors)
        return factors
    }

    private static func factor(
        _ name: String, _ value: JSONValue, at path: String
    ) throws(Diagnostic) -> StudyDesign.Factor {
        // Arms that are controls say so under this name.
        guard name != Arm.Role.key, !name.contains(where: { ",=".contains($0) || $0.isWhitespace }) else {
            throw Diagnostic(
                .usage, "a factor cannot be called '\(name)'", at: .init(field: path),
                remedy: "Use another word, without white space, commas and equals signs")
        }
        guard case .array(let elements) = value, !elements.isEmpty else {
            throw Diagnostic(
                .usage, "a factor should be a list of levels, but this is \(value.text)", at: .init(field: path),
                remedy: "Write each level as '- {level: name, set: {path: value}}'")
        }
        var levels: [StudyDesign.Level] = []
        for (index, element) in elements.enumerated() {
            let level = try level(element, at: "\(path).\(index)")
            guard !levels.contains(where: { StudyDesign.isSameLevel($0.value, level.value) }) else {
                throw Diagnostic(
                    .usage, "the level \(level.name) is given twice", at: .init(field: "\(path).\(index).level"),
                    remedy: "Keep one of them")
            }
            levels.append(level)
        }
        return StudyDesign.Factor(name: name, levels: levels)
    }

    private static func level(_ value: JSONValue, at path: String) throws(Diagnostic) -> StudyDesign.Level {
        var reader = try SettingsReader(value, path: path)
        guard let level = reader.value("level") else {
            throw StudyDesign.missing(reader.path(of: "level"), "Say what the level is called: level: …")
        }
        switch level {
        case .string, .integer, .number, .bool: break
        default: throw reader.wrong("level", level, "should be text, a number or a boolean")
        }
        let set = try reader.map("set")
        let members = reader.value("set")?.objectValue ?? [:]
        try reader.finish()
        let patches = members.map { SettingsPatch(path: $0.key, value: $0.value, source: set.path(of: $0.key)) }
        return StudyDesign.Level(value: level, patches: patches)
    }

    /// A factor that undoes what one before it has set would make the product of levels a lie.
    private static func refuseErasing(_ factors: [StudyDesign.Factor]) throws(Diagnostic) {
        var earlier: [(factor: String, patch: SettingsPatch)] = []
        for factor in factors {
            let patches = factor.levels.flatMap(\.patches)
            for patch in patches {
                guard let erased = earlier.first(where: { patch.erases($0.patch) }) else { continue }
                throw Diagnostic(
                    .usage, "this undoes '\(erased.patch.path)', which the factor \(erased.factor) sets",
                    at: .init(field: patch.source), remedy: "Let one factor set it, or put this factor first")
            }
            earlier += patches.map { (factor.name, $0) }
        }
    }
}

import Diagnostics
import Experiment
import JSON

/// Two levels of one factor: trained with a piece, and without it (or with a sham of equal cost).
struct TrainingPair: Sendable {
    let with: JSONValue
    let without: JSONValue

    init(_ reader: inout SettingsReader, of factor: StudyDesign.Factor?) throws(Diagnostic) {
        with = try Self.level("with", &reader, factor)
        without = try Self.level("without", &reader, factor)
        guard !StudyDesign.isSameLevel(with, without) else {
            throw reader.wrong("without", without, "should be another level than with")
        }
    }

    private static func level(
        _ key: String, _ reader: inout SettingsReader, _ factor: StudyDesign.Factor?
    ) throws(Diagnostic) -> JSONValue {
        guard let level = reader.value(key) else {
            throw Diagnostic(
                .usage, "the analysis does not say which arm is trained \(key) the piece",
                at: .init(field: reader.path(of: key)), remedy: "Name a level of its factor")
        }
        if let factor { try ArmSelection.requireLevel(level, of: factor, at: reader.path(of: key)) }
        return level
    }

    /// The two arms of a group; `nil` where one of them was left out.
    func arms(of group: ArmGroup, factor: StudyDesign.Factor?) -> (with: ArmReadings, without: ArmReadings)? {
        guard let factor, let real = group.arm(factor.name, at: with), let sham = group.arm(factor.name, at: without)
        else { return nil }
        return (real, sham)
    }
}

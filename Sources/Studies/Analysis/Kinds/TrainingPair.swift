import Diagnostics
import Experiment
import JSON

/// Two levels of one factor: trained with a piece, and without it (or with a sham of equal cost).
struct TrainingPair: Sendable {
    let piece: String
    /// Whether the piece was given a name, which verdicts then say.
    let isNamed: Bool
    let with: JSONValue
    let without: JSONValue

    /// Reads `with:`, `without:` and `piece:`, or a list of such maps under `pairs:`.
    static func list(_ reader: inout SettingsReader, of factor: StudyDesign.Factor?) throws(Diagnostic)
        -> [TrainingPair]
    {
        let path = reader.path(of: "pairs")
        var pairs: [TrainingPair] = []
        for (index, value) in try reader.list("pairs").enumerated() {
            var pair = try SettingsReader(value, path: "\(path).\(index)")
            pairs.append(try TrainingPair(&pair, of: factor))
            try pair.finish()
        }
        return pairs.isEmpty ? [try TrainingPair(&reader, of: factor)] : pairs
    }

    private init(_ reader: inout SettingsReader, of factor: StudyDesign.Factor?) throws(Diagnostic) {
        with = try Self.level("with", &reader, factor)
        without = try Self.level("without", &reader, factor)
        let name = try reader.string("piece")
        piece = name ?? with.stringValue ?? "the piece"
        isNamed = name != nil
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
}

/// A pair's arms in one group.
struct TrainedArms: Sendable {
    /// What verdicts about them are about.
    let subject: String
    let with: ArmReadings
    let without: ArmReadings

    /// In the order of groups, then of pairs; pairs of which an arm was left out are not there.
    static func all(
        _ pairs: [TrainingPair], _ selection: ArmSelection, _ readings: StudyReadings
    ) -> [TrainedArms] {
        guard let factor = selection.factor?.name else { return [] }
        return selection.groups(in: readings).flatMap { group in
            pairs.compactMap { pair in
                guard let with = group.arm(factor, at: pair.with), let without = group.arm(factor, at: pair.without)
                else { return nil }
                let isNamed = group.levels.isEmpty || pairs.count > 1 || pair.isNamed
                return TrainedArms(
                    subject: isNamed ? group.subject(pair.piece) : group.title, with: with, without: without)
            }
        }
    }
}

import Diagnostics
import Experiment
import JSON

/// `recorded:FILE`: scores that somebody computed before.
///
/// The file is one of three formats, recognised where `format` does not say: our own output rows, a RewardMATH result
/// file, or a JudgeBench output file (``JudgeBenchJudgments``). It is read whole when the reward is made. Keys:
/// `format=rows|rewardmath|judgebench`, `steps=product|minimum|last|mean` (required where a score is a list).
public struct RecordedReward: ModelFreeReward, Sendable {
    public let spec: String
    public let provenance: JSONValue
    private let index: RecordIndex

    /// Reads the file.
    ///
    /// - Throws: `usage` where a key or value is wrong; `inputMissing` where the file cannot be opened; `badData` with
    ///   file, line (or the element of the array) and id where it is not what its format says, or a score is NaN.
    public init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        let format = try parameters.choice("format", of: RecordedFile.Format.self)
        let steps = try parameters.choice("steps", of: StepReduction.self)
        try parameters.finish()
        let file = try RecordedFile(path: spec.source, format: format, steps: steps)
        index = try RecordIndex(file)
        self.spec = spec.description
        provenance = Self.provenance(of: file, isRecognised: format == nil, steps: steps)
    }

    private static func provenance(
        of file: RecordedFile, isRecognised: Bool, steps: StepReduction?
    ) -> JSONValue {
        var members = JSONObject()
        members["kind"] = "recorded"
        members["file"] = .string(file.path)
        members["format"] = .string(file.format.rawValue)
        members["format_recognised"] = .bool(isRecognised)
        members["records"] = .integer(file.records.count)
        if file.listCount > 0, let steps {
            members["step_lists"] = .integer(file.listCount)
            members["steps"] = .string(steps.rawValue)
        }
        if file.format == .judgebench { members["voted"] = .integer(file.votedCount) }
        return .object(members)
    }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        try index.record(of: group).score(of: group)
    }
}

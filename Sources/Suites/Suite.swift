import Diagnostics

/// A public benchmark: a file format, an exact scoring rule and a tie policy, all its source's own.
///
/// Raw values are the names by which the command line knows them. `docs/suites.md` describes each.
public enum Suite: String, Sendable, Hashable, CaseIterable {
    /// Any preference rows: prompt, chosen, rejected.
    case pairs
    case rewardBench = "rewardbench"
    case rewardBench2 = "rewardbench2"
    case rmBench = "rm-bench"
    case rewardMATH = "rewardmath"
    case judgeBench = "judgebench"
    /// Preference Proxy Evaluations, best-of-K correctness sets.
    case ppe
    case llmBar = "llmbar"
    case pandaLM = "pandalm"
    /// Anthropic's helpful and harmless dialogues.
    case hh
    case persona
    /// The same pairs as written, paraphrased and translated.
    case shift

    /// - Throws: `usage` where no suite has this name.
    public static func named(_ name: String) throws(Diagnostic) -> Suite {
        guard let suite = Suite(rawValue: name) else {
            throw Diagnostic(
                .usage, "there is no suite '\(name)'",
                remedy: "The suites are \(allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return suite
    }

    /// The source's own tie policy.
    public var defaultTies: TiePolicy {
        switch self {
        case .rewardBench2: .share
        case .shift: .half
        default: .strict
        }
    }

    /// Reads the suite from a file or folder in its published form.
    ///
    /// - Throws: `inputMissing` where the path or what it should hold is not there, `badData` with file, line and field
    ///   where a row is not as the format has it.
    public func load(path: String, options: LoadOptions = LoadOptions()) throws(Diagnostic) -> LoadedSuite {
        switch self {
        case .pairs: try PairsFormat.load(path, options)
        case .rewardBench: try RewardBenchFormat.load(path, options)
        case .rewardBench2: try RewardBench2Format.load(path, options)
        case .rmBench: try RMBenchFormat.load(path, options)
        case .rewardMATH: try RewardMATHFormat.load(path, options)
        case .judgeBench: try JudgeBenchFormat.load(path, options)
        case .ppe: try PPEFormat.load(path, options)
        case .llmBar: try LLMBarFormat.load(path, options)
        case .pandaLM: try PandaLMFormat.load(path, options)
        case .hh: try HHFormat.load(path, options)
        case .persona: try PersonaFormat.load(path, options)
        case .shift: try ShiftFormat.load(path, options)
        }
    }
}

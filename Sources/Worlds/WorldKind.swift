import Diagnostics
import Experiment
import JSON
import Text

/// What `kind` of a world's settings may be.
public enum WorldKind: String, Sendable, Hashable, CaseIterable {
    case lookup, match, reduce, prompts
}

/// Makes the world that settings name: `{kind: lookup, answers: 32, …}`.
///
/// - Parameters:
///   - path: where the settings stand, for errors: `world`.
///   - tokenizer: the policy's; only `prompts` needs one.
///   - folder: what relative paths in the settings are relative to; empty for the working folder.
/// - Throws: `usage` with the key's path where a setting is wrong; what reading a file of prompts throws.
public func makeWorld(
    _ settings: JSONValue, path: String, tokenizer: Tokenizer?, relativeTo folder: String
) throws(Diagnostic) -> any World {
    var reader = try SettingsReader(settings, path: path)
    guard reader.value("kind") != nil else {
        throw Diagnostic(
            .usage, "the world has no kind", at: .init(field: reader.path(of: "kind")),
            remedy: "Write kind: lookup, match, reduce or prompts")
    }
    switch try reader.choice("kind", default: WorldKind.lookup) {
    case .lookup: return try LookupWorld(LookupWorld.Settings(&reader))
    case .match: return try MatchWorld(MatchWorld.Settings(&reader))
    case .reduce: return try ReduceWorld(ReduceWorld.Settings(&reader))
    case .prompts:
        let settings = try PromptWorld.Settings(&reader, relativeTo: folder)
        return try PromptWorld(settings, tokenizer: tokenizer, relativeTo: folder)
    }
}

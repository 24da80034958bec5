/// A command line as it may be recorded: without the values that look like secrets.
public struct CommandLineRecord: Sendable, Hashable {
    public let arguments: [String]

    static let redaction = "[redacted]"

    public init(_ arguments: [String]) {
        var kept: [String] = []
        var redactsNext = false
        for argument in arguments {
            kept.append(redactsNext ? Self.redaction : Self.redacted(argument))
            redactsNext = Self.isOption(argument) && !argument.contains("=") && Self.isSecret(Self.name(of: argument))
        }
        self.arguments = kept
    }

    private static func isOption(_ argument: String) -> Bool { argument.hasPrefix("-") && argument.utf8.count > 1 }

    private static func name(of argument: String) -> String {
        String(argument.drop { $0 == "-" }.prefix { $0 != "=" })
    }

    /// Whether an option or key of this name holds a secret; `per-token` and `batch-tokens` do not.
    private static func isSecret(_ name: String) -> Bool {
        let words = name.lowercased().split { $0 == "-" || $0 == "_" }.map(String.init)
        guard words != ["per", "token"] else { return false }
        return words.contains {
            ["key", "apikey", "token", "secret", "password", "authorization", "bearer", "credential"].contains($0)
        }
    }

    private static func redacted(_ argument: String) -> String {
        if looksLikeSecret(argument) { return redaction }
        if isOption(argument), let equals = argument.firstIndex(of: "="), isSecret(name(of: argument)) {
            return argument[...equals] + redaction
        }
        return redactedParameters(argument)
    }

    /// Values of a spec's or address's keys.
    private static func redactedParameters(_ argument: String) -> String {
        guard let question = argument.firstIndex(of: "?") else { return argument }
        let pairs = argument[argument.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false)
        let kept = pairs.map { pair in
            guard let equals = pair.firstIndex(of: "="), isSecret(String(pair[..<equals])) else { return String(pair) }
            return pair[...equals] + redaction
        }
        return argument[...question] + kept.joined(separator: "&")
    }

    /// Keys of known services by the way they begin.
    private static func looksLikeSecret(_ argument: String) -> Bool {
        let beginnings = ["sk-", "hf_", "ghp_", "github_pat_", "AKIA", "xoxb-", "Bearer ", "Authorization:"]
        return argument.utf8.count >= 16 && beginnings.contains { argument.hasPrefix($0) }
    }
}

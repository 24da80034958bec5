import Diagnostics
import Experiment
import JSON
import Statistics
import Text

/// A world of anybody's prompts: JSON lines, and a rule that says what a response is worth.
public struct PromptWorld: World {
    public let parameters: Settings
    public let prompts: [WorldPrompt]
    public let heldOutPrompts: [WorldPrompt]
    public let vocabularySize: Int
    private let tokenizer: Tokenizer
    private let endToken: Int32

    /// - Parameters:
    ///   - tokenizer: the policy's.
    ///   - folder: what the file's path is relative to; empty for the working folder.
    /// - Throws: `usage` where there is no tokenizer; `inputMissing` or `badData` with file, line and field where the file or a
    ///   row is wrong; `badData` where the tokenizer has no end token.
    public init(
        _ settings: Settings, tokenizer: Tokenizer?, relativeTo folder: String
    ) throws(Diagnostic) {
        guard let tokenizer else {
            throw Diagnostic(
                .usage, "a world of prompts needs a policy with a tokenizer",
                remedy: "Name a checkpoint with a tokenizer.json as the policy")
        }
        guard let end = tokenizer.endToken.flatMap({ tokenizer.id(of: $0) }) else {
            throw Diagnostic(
                .badData, "the policy's tokenizer names no end token, so no response could end",
                remedy: "Give eos_token in its tokenizer_config.json")
        }
        var rows = PromptRows(settings, tokenizer: tokenizer)
        let all = try rows.read(settings.file.path(relativeTo: folder))
        let heldOut = settings.heldOut.count(of: all.count)
        guard heldOut < all.count else {
            throw Diagnostic(
                .usage, "of \(all.count) rows \(heldOut) cannot be held out, since none would be left",
                at: .init(file: settings.file), remedy: "Hold out fewer rows, or give more")
        }
        parameters = settings
        self.tokenizer = tokenizer
        endToken = end
        vocabularySize = tokenizer.idBound
        prompts = Array(all.dropLast(heldOut))
        heldOutPrompts = heldOut == 0 ? prompts : all.suffix(heldOut)
    }

    public var kind: String { WorldKind.prompts.rawValue }
    public var settings: JSONValue { parameters.json }
    /// Every token may stand everywhere.
    public var grammar: [[Int32]] { [] }
    public var endTokens: Set<Int32> { [endToken] }
    public var maximumTokens: Int { parameters.maximumTokens }
    public var goldRange: ClosedRange<Double> { parameters.gold.range }
    /// A world of prompts is never listed.
    public var enumeration: Enumeration? { nil }
}

extension PromptWorld {
    public func text(of tokens: [Int32]) throws(Diagnostic) -> String {
        let body = tokens.last == endToken ? Array(tokens.dropLast()) : tokens
        return tokenizer.decode(body, skipSpecialTokens: true)
    }

    func tokens(of text: String) throws(Diagnostic) -> [Int32] {
        try tokenizer.encode(text, addSpecialTokens: false).ids
    }

    /// The text of a prompt's hint.
    ///
    /// - Parameter field: the row's field that holds it; `nil`: the answer that gold calls right.
    /// - Throws: `badData` where the row has no such text; `usage` where gold knows no answer.
    public func hint(of prompt: WorldPrompt, field: String?) throws(Diagnostic) -> String {
        guard let field else { return try answer(to: prompt) }
        guard let text = prompt.context[field]?.stringValue else {
            throw Diagnostic(
                .badData, "the row '\(prompt.id)' of \(parameters.file) has no hint: its '\(field)' is no text",
                at: .init(field: "run.pieces"), remedy: "Name the field that holds a hint in every row")
        }
        return text
    }

    /// A prompt with a hint on lines of its own, after the prefix and before what the row asks.
    public func tokens(of prompt: WorldPrompt, hint: String) throws(Diagnostic) -> [Int32] {
        let asked = prompt.text.utf8.dropFirst(parameters.prefix.utf8.count)
        return try tokens(of: parameters.prefix + hint + "\n" + String(decoding: asked, as: UTF8.self))
    }

    /// The reference's text that gold calls right.
    func answer(to prompt: WorldPrompt) throws(Diagnostic) -> String {
        guard let text = try parameters.gold.answer(to: prompt) else {
            throw Diagnostic(
                .usage, "gold by \(parameters.gold.json.text) knows no answer that is right",
                remedy: "Use gold: {rule: exact, …} or {rule: numeric-answer, …}")
        }
        return text
    }

    public func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        try await parameters.gold.gold(responses, to: prompt)
    }

    /// The row's own demonstration and the end token; `nil` where the settings name no field that holds it.
    ///
    /// - Throws: `badData` where it has more tokens than a response may have.
    public func demonstration(
        of prompt: WorldPrompt, _ stream: inout RandomStream
    ) throws(Diagnostic) -> Response? {
        guard let field = parameters.demonstration, let text = prompt.context[field]?.stringValue else { return nil }
        let tokens = try tokens(of: text) + [endToken]
        guard tokens.count <= maximumTokens else {
            throw Diagnostic(
                .badData,
                "the demonstration of '\(prompt.id)' has \(tokens.count) tokens, but a response has at most "
                    + "\(maximumTokens)", at: .init(file: parameters.file, field: field),
                remedy: "Raise maximum-tokens, or leave the row out")
        }
        return Response(tokens: tokens, text: text)
    }
}

extension Tokenizer {
    /// One more than the largest token id; ids need not be contiguous.
    var idBound: Int {
        var (found, bound) = (0, 0)
        let wanted = vocabularySize
        // A table whose ids leave more room than this is not one that a model could have.
        let last = 4 * wanted + 65_536
        while found < wanted, bound < last {
            if token(of: Int32(bound)) != nil { found += 1 }
            bound += 1
        }
        return bound
    }
}

extension String {
    /// A relative path taken from a folder, without looking at the disk.
    func path(relativeTo folder: String) -> String {
        if hasPrefix("/") || folder.isEmpty || self == "-" { return self }
        return folder.hasSuffix("/") ? folder + self : "\(folder)/\(self)"
    }
}

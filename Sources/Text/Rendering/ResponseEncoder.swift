import Diagnostics

/// Turns prompts and responses into token ids by a checkpoint's tokenizer and a template, and says which of the tokens are
/// the response's.
public struct ResponseEncoder: Sendable {
    public let tokenizer: Tokenizer
    /// `nil`: raw.
    public let template: ChatTemplate?

    public init(tokenizer: Tokenizer, template: ChatTemplate?) {
        self.tokenizer = tokenizer
        self.template = template
    }

    /// The tokens of a prompt with each of its responses.
    ///
    /// - Parameters:
    ///   - prompt: a dialogue that ends where the response begins.
    ///   - plainPrompt: the prompt as plain text, where it was given so; only this can be rendered raw.
    /// - Throws: `badData` where a template refuses the dialogue, or a token spans the boundary between the generation
    ///   prompt and the response.
    public func encode(
        prompt: [ChatMessage], plainPrompt: String?, responses: [String]
    ) throws(Diagnostic) -> [EncodedResponse] {
        guard let template else { return try encodeRaw(plainPrompt, responses) }
        let turn = try AssistantTurn(template, tokenizer: tokenizer, prompt: prompt)
        var encoded: [EncodedResponse] = []
        for (index, response) in responses.enumerated() {
            do throws(Diagnostic) { encoded.append(try encode(response, in: turn)) } catch {
                throw error.located(field: "response \(index + 1)")
            }
        }
        return encoded
    }

    /// The tokens of a dialogue that is to be continued, generation prompt included.
    public func encode(dialogue: [ChatMessage], plainText: String?) throws(Diagnostic) -> [Int32] {
        guard let template else {
            guard let plainText else { throw Self.needsPlainPrompt() }
            return try tokenizer.encode(plainText, addSpecialTokens: false).ids
        }
        let text = try template.render(dialogue, addGenerationPrompt: true, tokenizer: tokenizer)
        return try tokenizer.encode(text, addSpecialTokens: false).ids
    }

    private func encodeRaw(_ prompt: String?, _ responses: [String]) throws(Diagnostic) -> [EncodedResponse] {
        guard let prompt else { throw Self.needsPlainPrompt() }
        let head = try tokenizer.encode(prompt, addSpecialTokens: false).ids
        guard !head.isEmpty else {
            throw Diagnostic(
                .badData, "the prompt has no tokens", at: .init(field: "prompt"),
                remedy:
                    "With --template raw a prompt must not be empty, since the first response token is read after it")
        }
        var encoded: [EncodedResponse] = []
        for response in responses {
            let tail = try tokenizer.encode(response, addSpecialTokens: false).ids
            encoded.append(EncodedResponse(tokens: head + tail, response: head.count..<head.count + tail.count))
        }
        return encoded
    }

    private static func needsPlainPrompt() -> Diagnostic {
        Diagnostic(
            .badData, "the prompt is a dialogue, which --template raw cannot render", at: .init(field: "prompt"),
            remedy: "Give the prompt as one string, or name a chat template")
    }

    private func encode(_ response: String, in turn: AssistantTurn) throws(Diagnostic) -> EncodedResponse {
        let text = try turn.render(response)
        let encoding = try tokenizer.encode(text.whole, addSpecialTokens: false)
        let start = try boundary(text.start, in: encoding)
        let end = encoding.offsets.partitioningIndex { $0.lowerBound >= text.tail }
        let tail = encoding.ids[max(start, end)...]
        // The end-of-turn token is the tail's first special token; a tail without one is all tail.
        let turnEnd = tail.firstIndex(where: tokenizer.isSpecial).map { $0 + 1 } ?? max(start, end)
        guard turnEnd > start else {
            throw Diagnostic(.badData, "the response has no tokens", remedy: "Leave empty responses out")
        }
        return EncodedResponse(tokens: encoding.ids, response: start..<turnEnd)
    }

    /// The index of the token that begins at a byte of the text.
    private func boundary(_ byte: Int, in encoding: Tokenizer.Encoding) throws(Diagnostic) -> Int {
        let index = encoding.offsets.partitioningIndex { $0.lowerBound >= byte }
        guard index == 0 || encoding.offsets[index - 1].upperBound <= byte else {
            let token = tokenizer.token(of: encoding.ids[index - 1]) ?? "?"
            throw Diagnostic(
                .badData, "the token '\(token)' spans the end of the generation prompt and the start of the response",
                remedy:
                    "Use a template whose generation prompt ends in a special token or a line break, or --template raw")
        }
        return index
    }
}

extension Array {
    /// The first index whose element satisfies a condition that, once true, stays true.
    func partitioningIndex(where belongsToSecond: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsToSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension ChatTemplate {
    func render(
        _ messages: [ChatMessage], addGenerationPrompt: Bool, tokenizer: Tokenizer
    ) throws(Diagnostic) -> String {
        try render(
            messages, addGenerationPrompt: addGenerationPrompt, beginToken: tokenizer.beginToken,
            endToken: tokenizer.endToken)
    }
}

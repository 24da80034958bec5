import Diagnostics

/// Where a template puts an assistant's turn after a given prompt: what comes before the response, and the tail that the
/// template puts after any response. Offsets are bytes of UTF-8.
struct AssistantTurn {
    private let template: ChatTemplate
    private let tokenizer: Tokenizer
    private let prompt: [ChatMessage]
    /// The prompt rendered up to where the model would begin to write.
    private let head: [UInt8]
    private let tail: [UInt8]

    /// One rendering: the text, where the response begins in it, and where the template's tail begins.
    struct Rendering {
        var whole: String
        var start: Int
        var tail: Int
    }

    init(_ template: ChatTemplate, tokenizer: Tokenizer, prompt: [ChatMessage]) throws(Diagnostic) {
        self.template = template
        self.tokenizer = tokenizer
        self.prompt = prompt
        head = Array(try template.render(prompt, addGenerationPrompt: true, tokenizer: tokenizer).utf8)
        // Templates may trim or rewrite a response, so the tail is found by what two renderings end in alike.
        let first = Array(try Self.text(template, prompt, "A", tokenizer).utf8)
        let second = Array(try Self.text(template, prompt, "B", tokenizer).utf8)
        tail = Array(first.reversed().commonPrefix(with: second.reversed()).reversed())
    }

    func render(_ response: String) throws(Diagnostic) -> Rendering {
        let whole = try Self.text(template, prompt, response, tokenizer)
        let bytes = Array(whole.utf8)
        guard bytes.starts(with: head) else { throw differs("does not begin with the prompt's own rendering") }
        guard bytes.count >= head.count + tail.count, bytes.suffix(tail.count).elementsEqual(tail) else {
            throw differs("does not end as the template ends other responses")
        }
        return Rendering(whole: whole, start: head.count, tail: bytes.count - tail.count)
    }

    private static func text(
        _ template: ChatTemplate, _ prompt: [ChatMessage], _ response: String, _ tokenizer: Tokenizer
    ) throws(Diagnostic) -> String {
        try template.render(
            prompt + [ChatMessage(role: "assistant", content: response)], addGenerationPrompt: false,
            tokenizer: tokenizer)
    }

    private func differs(_ how: String) -> Diagnostic {
        Diagnostic(
            .badData, "the dialogue rendered with its response \(how), so its response tokens cannot be told",
            remedy: "Choose another template with --template FILE|NAME|raw")
    }
}

extension Collection where Element: Equatable {
    fileprivate func commonPrefix(with other: some Collection<Element>) -> [Element] {
        zip(self, other).prefix { $0 == $1 }.map(\.0)
    }
}

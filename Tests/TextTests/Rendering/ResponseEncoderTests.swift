import Diagnostics
import Foundation
import JSON
import Testing
import Text

@Suite("Response tokens in a rendering")
struct ResponseEncoderTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/checkpoints/llama").path

    /// The fixture's own template, or none.
    static func encoder(isRaw: Bool = false) throws -> ResponseEncoder {
        ResponseEncoder(
            tokenizer: try Tokenizer(directory: folder),
            template: isRaw ? nil : try ChatTemplate.load(directory: folder, name: nil))
    }

    static let dialogue = [ChatMessage(role: "user", content: "What is 12 + 7?")]

    @Test("Response tokens run through the end-of-turn token, without the template's tail")
    func endOfTurn() throws {
        let encoder = try Self.encoder()
        let encoded = try encoder.encode(prompt: Self.dialogue, plainPrompt: nil, responses: ["It is 19."])[0]
        let tokenizer = encoder.tokenizer
        let response = tokenizer.decode(Array(encoded.tokens[encoded.response]), skipSpecialTokens: false)
        let tail = tokenizer.decode(Array(encoded.tokens[encoded.response.upperBound...]), skipSpecialTokens: false)
        #expect(response == "It is 19.<|end|>")
        #expect(tail == "\n")
        let head = tokenizer.decode(Array(encoded.tokens[..<encoded.response.lowerBound]), skipSpecialTokens: false)
        #expect(head == "<|start|>user\nWhat is 12 + 7?<|end|>\n<|start|>assistant\n")
    }

    @Test("A template that trims a response still tells its tokens")
    func trimming() throws {
        let source = """
            {% for m in messages %}<|start|>{{ m.role }}
            {{ m.content | trim }}<|end|>
            {% endfor %}{% if add_generation_prompt %}<|start|>assistant
            {% endif %}
            """
        let encoder = ResponseEncoder(
            tokenizer: try Tokenizer(directory: Self.folder), template: try ChatTemplate(source: source, name: "trim"))
        let encoded = try encoder.encode(prompt: Self.dialogue, plainPrompt: nil, responses: ["  19 \n"])[0]
        let response = encoder.tokenizer.decode(Array(encoded.tokens[encoded.response]), skipSpecialTokens: false)
        #expect(response == "19<|end|>")
    }

    @Test("Raw joins prompt and response, tokenised apart, and adds nothing")
    func raw() throws {
        let encoder = try Self.encoder(isRaw: true)
        let encoded = try encoder.encode(prompt: Self.dialogue, plainPrompt: "12 +", responses: [" 7", "7"])
        let prompt = try encoder.tokenizer.encode("12 +", addSpecialTokens: false).ids
        for (item, text) in zip(encoded, [" 7", "7"]) {
            #expect(item.tokens == prompt + (try encoder.tokenizer.encode(text, addSpecialTokens: false).ids))
            #expect(item.response == prompt.count..<item.tokens.count)
        }
    }

    @Test("A token over the boundary is an error that names it")
    func straddling() throws {
        // The generation prompt ends inside what the tokenizer joins: 'answer:' and the response's first letters.
        let source = "{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}{% endif %}"
        let encoder = ResponseEncoder(
            tokenizer: try Tokenizer(directory: Self.folder), template: try ChatTemplate(source: source, name: "glued"))
        let error = #expect(throws: Diagnostic.self) {
            try encoder.encode(
                prompt: [ChatMessage(role: "user", content: "the re")], plainPrompt: nil, responses: ["ward"])
        }
        #expect(error?.message.contains("spans the end of the generation prompt") == true)
    }

    @Test("A template that rewrites the dialogue is refused, never guessed at")
    func rewriting() throws {
        let source = "{% if add_generation_prompt %}ask {% endif %}{% for m in messages %}{{ m.content }}\n{% endfor %}"
        let encoder = ResponseEncoder(
            tokenizer: try Tokenizer(directory: Self.folder), template: try ChatTemplate(source: source, name: "odd"))
        #expect(throws: Diagnostic.self) {
            try encoder.encode(prompt: Self.dialogue, plainPrompt: nil, responses: ["19"])
        }
    }

    @Test("A dialogue cannot be rendered raw")
    func rawDialogue() throws {
        #expect(throws: Diagnostic.self) {
            try Self.encoder(isRaw: true).encode(prompt: Self.dialogue, plainPrompt: nil, responses: ["19"])
        }
    }

    @Test("Every built-in template renders a dialogue with a system turn", arguments: ChatTemplate.named.keys.sorted())
    func builtIns(_ name: String) throws {
        let template = try ChatTemplate(source: try #require(ChatTemplate.named[name]), name: name)
        let messages = [
            ChatMessage(role: "system", content: "Be brief."), ChatMessage(role: "user", content: "Hi?"),
            ChatMessage(role: "assistant", content: "Yes."), ChatMessage(role: "user", content: "Sure?"),
        ]
        let prompt = try template.render(messages, addGenerationPrompt: true, beginToken: "<s>", endToken: "</s>")
        let whole = try template.render(
            messages + [ChatMessage(role: "assistant", content: "Quite.")], addGenerationPrompt: false,
            beginToken: "<s>",
            endToken: "</s>")
        #expect(whole.hasPrefix(prompt))
        for text in ["Be brief.", "Hi?", "Yes.", "Sure?"] { #expect(prompt.contains(text)) }
        #expect(!prompt.contains("{%") && !prompt.contains("\\n"))
    }
}

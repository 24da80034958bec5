import Diagnostics
import Foundation
import JSON
import Testing
import Text

@Suite("Chat templates of checkpoints and built-in ones")
struct ChatTemplateTests {
    private static let dialogue = [
        ChatMessage(role: "system", content: "Be brief."), ChatMessage(role: "user", content: "Hi"),
        ChatMessage(role: "assistant", content: "Hello"), ChatMessage(role: "user", content: "Bye"),
    ]

    private func render(_ template: ChatTemplate, _ messages: [ChatMessage] = dialogue) throws -> String {
        try template.render(messages, addGenerationPrompt: true, beginToken: "<s>", endToken: "</s>")
    }

    /// Runs `body` with a folder that holds the files given.
    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "chat-template-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try body(folder.path)
    }

    private func loadedSource(_ files: [String: String]) throws -> String {
        var source = ""
        try withFolder(files) { folder in source = try ChatTemplate.load(directory: folder).source }
        return source
    }

    @Test("chat_template.jinja comes before tokenizer_config.json, which comes before chat_template.json")
    func prefersJinjaFile() throws {
        var files = [
            "chat_template.json": #"{"chat_template": "third"}"#,
            "tokenizer_config.json": #"{"chat_template": "second"}"#,
            "chat_template.jinja": "first",
        ]
        #expect(try loadedSource(files) == "first")
        files["chat_template.jinja"] = nil
        #expect(try loadedSource(files) == "second")
        files["tokenizer_config.json"] = #"{"chat_template": null}"#
        #expect(try loadedSource(files) == "third")
    }

    @Test("A list of named templates gives its default, or the one that is named")
    func readsNamedTemplates() throws {
        let list = #"{"chat_template": [{"name": "rag", "template": "R"}, {"name": "default", "template": "D"}]}"#
        let files = ["tokenizer_config.json": list, "additional_chat_templates/tool_use.jinja": "T"]
        try withFolder(files) { folder in
            #expect(try ChatTemplate.load(directory: folder).source == "D")
            #expect(try ChatTemplate.load(directory: folder, name: "rag").source == "R")
            #expect(try ChatTemplate.load(directory: folder, name: "tool_use").source == "T")
            let builtIn = try render(try ChatTemplate.load(directory: folder, name: "chatml"))
            #expect(builtIn.hasPrefix("<|im_start|>system\n"))
        }
    }

    @Test("A folder without a template, and a name that nobody knows, are errors with the way out")
    func refusesWhatIsMissing() throws {
        try withFolder(["tokenizer_config.json": "{}"]) { folder in
            let missing = #expect(throws: Diagnostic.self) { try ChatTemplate.load(directory: folder) }
            #expect(missing?.category == .badData)
            #expect(missing?.location.file == folder)
            #expect(missing?.remedy.contains("--template FILE|NAME|raw") == true)
            let unknown = #expect(throws: Diagnostic.self) { try ChatTemplate.load(directory: folder, name: "nosuch") }
            #expect(unknown?.category == .usage)
            #expect(unknown?.remedy.contains("chatml") == true)
        }
    }

    @Test("An error in a checkpoint's template names the file")
    func namesFile() throws {
        try withFolder(["chat_template.jinja": "a\n{% include 'b' %}"]) { folder in
            let error = #expect(throws: Diagnostic.self) { try ChatTemplate.load(directory: folder) }
            #expect(error?.location == .init(file: folder + "/chat_template.jinja", line: 2))
        }
    }

    @Test("The built-in templates write the published formats")
    func writesPublishedFormats() throws {
        func text(_ name: String) throws -> String {
            try render(ChatTemplate(source: try #require(ChatTemplate.named[name]), name: name))
        }
        #expect(
            try text("chatml") == """
                <|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>
                <|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n
                """)
        #expect(
            try text("llama-2")
                == "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] Bye [/INST]")
        func header(_ role: String) -> String { "<|start_header_id|>\(role)<|end_header_id|>\n\n" }
        #expect(
            try text("llama-3") == "<s>\(header("system"))Be brief.<|eot_id|>\(header("user"))Hi<|eot_id|>"
                + "\(header("assistant"))Hello<|eot_id|>\(header("user"))Bye<|eot_id|>\(header("assistant"))")
        #expect(
            try text("gemma")
                == "<s><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello<end_of_turn>\n"
                + "<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n")
        #expect(
            try text("zephyr")
                == "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\nHello</s>\n<|user|>\nBye</s>\n<|assistant|>\n"
        )
        #expect(try text("plain") == "System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant: ")
    }

    @Test("What is not given is null or undefined, as transformers has it")
    func setsVariables() throws {
        let source =
            "{{ tools is none }} {{ documents is none }} {{ bos_token is defined }} {{ eos_token }} {{ extra }}"
        let template = try ChatTemplate(source: source, name: "t")
        let text = try template.render(
            [], addGenerationPrompt: false, beginToken: nil, endToken: "E", variables: ["extra": 5])
        #expect(text == "True True False E 5")
    }

    @Test("A message's further members reach the template, and its reasoning under both names that are read")
    func passesFields() throws {
        let message = ChatMessage(
            role: "assistant", content: "", fields: ["tool_calls": [["id": "a"]], "reasoning": "why", "content": nil])
        let source = "{% for m in messages %}{{ m | tojson }}{% endfor %}"
        let text = try render(ChatTemplate(source: source, name: "t"), [message])
        #expect(
            text == #"{"thinking": "why", "role": "assistant", "content": null, "tool_calls": [{"id": "a"}], "#
                + #""reasoning": "why", "reasoning_content": "why"}"#)
    }

    @Test("A template's clock stands still, and only one that asks for the time has a clock")
    func fixesTime() throws {
        let time = LocalTime(year: 2024, month: 2, day: 29)
        let template = try ChatTemplate(source: "{{ strftime_now('%d %b %Y') }}", name: "t", time: time)
        #expect(template.time == time)
        #expect(try render(template) == "29 Feb 2024")
        #expect(try ChatTemplate(source: "x", name: "t").time == nil)
    }
}

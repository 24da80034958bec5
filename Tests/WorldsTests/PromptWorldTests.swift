import Diagnostics
import Experiment
import Foundation
import JSON
import Statistics
import Testing
import Text

@testable import Worlds

@Suite struct PromptWorldTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private let tokenizer: Tokenizer
    private let folder = FileManager.default.temporaryDirectory.appending(path: "assay-worlds-\(UUID().uuidString)")

    init() throws {
        tokenizer = try Tokenizer(directory: Self.tests.appending(path: "Fixtures/checkpoints/qwen2").path)
    }

    private func world(_ rows: String, _ settings: JSONObject = [:]) throws -> any World {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(rows.utf8).write(to: folder.appending(path: "rows.jsonl"))
        var all: JSONObject = ["kind": "prompts", "file": "rows.jsonl", "gold": ["rule": "exact"]]
        for (key, value) in settings { all[key] = value }
        return try makeWorld(.object(all), path: "world", tokenizer: tokenizer, relativeTo: folder.path)
    }

    private static let rows = (1...10).map { #"{"question": "What is \#($0)?", "answer": "\#($0)", "level": \#($0)}"# }
        .joined(separator: "\n")

    @Test(
        "The last rows are held out, by count or by share",
        arguments: [(3, 3), (0.25, 2), (0, 0)] as [(JSONValue, Int)])
    func heldOut(setting: JSONValue, count: Int) throws {
        let made = try world(Self.rows, ["held-out": setting])
        #expect(made.prompts.count == 10 - count)
        #expect(made.heldOutPrompts.count == (count == 0 ? 10 : count))
        #expect(made.heldOutPrompts.last?.text == "What is 10?")
        #expect(made.prompts.first?.id == "row-1")
        #expect(made.prompts.first?.context == ["answer": "1", "level": 1])
    }

    @Test("Settings are given back in full, and a limit reads the first rows only")
    func settings() throws {
        let made = try world(Self.rows + "\nnot JSON", ["limit": 10, "demonstration": "answer"])
        #expect(
            made.settings.text == #"{"kind":"prompts","file":"rows.jsonl","gold":{"rule":"exact","field":"answer"},"#
                + #""held-out":0.1,"limit":10,"maximum-tokens":256,"template":"raw","prefix":"","suffix":"","#
                + #""demonstration":"answer"}"#)
        #expect(made.prompts.count == 9)
        #expect(made.enumeration == nil && made.grammar.isEmpty)
    }

    @Test("Prompts and demonstrations are tokenised apart, and a demonstration ends in the end token")
    func tokens() throws {
        let made = try world(Self.rows, ["demonstration": "answer", "suffix": "\n", "prefix": "Q: "])
        let prompt = made.prompts[0]
        #expect(prompt.text == "Q: What is 1?\n")
        #expect(prompt.tokens == (try tokenizer.encode("Q: What is 1?\n", addSpecialTokens: false).ids))
        var stream = RandomStream(seed: 0, purpose: "test")
        let demonstration = try #require(try made.demonstration(of: prompt, &stream))
        #expect(made.endTokens == [try #require(demonstration.tokens.last)])
        #expect(try made.text(of: demonstration.tokens) == "1")
        #expect(made.vocabularySize > Int(try #require(demonstration.tokens.max())))
        let short = try world(Self.rows, ["demonstration": "answer", "maximum-tokens": 1])
        #expect(throws: Diagnostic.self) { try short.demonstration(of: prompt, &stream) }
    }

    @Test("Exact gold compares what is left without white space at the ends")
    func exact() async throws {
        let made = try world(Self.rows)
        let responses = ["1", " 1\n", "1.", ""].map { Response(tokens: [], text: $0) }
        #expect(try await made.gold(responses, to: made.prompts[0]) == [1, 1, 0, 0])
    }

    @Test("A pattern is looked for anywhere, from the settings or from the row")
    func regex() async throws {
        let responses = ["it is 12", "It IS 7", "no"].map { Response(tokens: [], text: $0) }
        let fixed = try world(Self.rows, ["gold": ["rule": "regex", "pattern": #"(?i)is \d+$"#]])
        #expect(try await fixed.gold(responses, to: fixed.prompts[0]) == [1, 1, 0])
        let own = try world(Self.rows, ["gold": ["rule": "regex", "field": "answer"]])
        #expect(try await own.gold(responses, to: own.prompts[6]) == [0, 1, 0])
        let error = #expect(throws: Diagnostic.self) {
            try world(Self.rows, ["gold": ["rule": "regex", "pattern": "("]])
        }
        #expect(error?.category == .usage)
        #expect(error?.location.field == "world.gold.pattern")
    }

    @Test(
        "A wrong row is an error that names file, line and field",
        arguments: [
            (#"{"question": "a", "answer": 1}"# + "\n[]", 2, nil),
            (#"{"question": 3, "answer": 1}"#, 1, "question"), (#"{"text": "a", "answer": 1}"#, 1, "question"),
            (#"{"question": "a"}"#, 1, "answer"), (#"{"question": "", "answer": 1}"#, 1, "question"),
            (#"{"id": 1, "prompt": "a", "answer": 1}"# + "\n" + #"{"id": "1", "prompt": "b", "answer": 1}"#, 2, "id"),
        ] as [(String, Int, String?)])
    func wrongRows(rows: String, line: Int, field: String?) throws {
        let error = #expect(throws: Diagnostic.self) { try world(rows) }
        #expect(error?.category == .badData)
        #expect(error?.location.file?.hasSuffix("rows.jsonl") == true)
        #expect(error?.location.line == line)
        #expect(error?.location.field == field)
    }

    @Test(
        "A wrong setting is a usage error that names its key",
        arguments: [
            (["held-out": 10], nil), (["held-out": 1.5], "world.held-out"),
            (["gold": ["rule": "exat"]], "world.gold.rule"),
            (["gold": ["rule": "exact", "seconds": 1]], "world.gold.seconds"),
            (["maximum-tokens": 0], "world.maximum-tokens"),
            (["gold": ["rule": "command"]], "world.gold.command"), (["gold": nil], "world.gold"),
            (["gold": ["rule": "command", "command": ["a"], "range": [1, 0]]], "world.gold.range"),
        ] as [(JSONObject, String?)])
    func wrongSettings(settings: JSONObject, field: String?) throws {
        let error = #expect(throws: Diagnostic.self) { try world(Self.rows, settings) }
        #expect(error?.category == .usage)
        #expect(error?.location.field == field)
    }

    @Test("Without a tokenizer, and without the file, the error says so")
    func missing() throws {
        let settings: JSONValue = ["kind": "prompts", "file": "none.jsonl", "gold": "exact"]
        var error = #expect(throws: Diagnostic.self) {
            try makeWorld(settings, path: "world", tokenizer: nil, relativeTo: "")
        }
        #expect(error?.category == .usage)
        error = #expect(throws: Diagnostic.self) {
            try makeWorld(settings, path: "world", tokenizer: tokenizer, relativeTo: "/nowhere")
        }
        #expect(error?.category == .inputMissing)
    }
}

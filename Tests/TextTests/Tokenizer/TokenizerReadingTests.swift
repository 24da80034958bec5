import Diagnostics
import JSON
import TestSupport
import Testing
import Text

@Suite("A tokenizer's files are read strictly")
struct TokenizerReadingTests {
    private static let directory = TokenizerFixtures.repository + "/Tests/Fixtures/tokenizers"

    /// A small tokenizer with members replaced.
    private static func tokenizer(_ members: String, model: String = "") throws -> Tokenizer {
        let base = """
            {"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"<unk>":3},"merges":["a b"],"unk_token":"<unk>"\(model)}
            """
        let text = "{\"model\":\(base)\(members.isEmpty ? "" : ",")\(members)}"
        return try Tokenizer(json: JSONValue(parsing: text), file: "tokenizer.json")
    }

    private static func error(_ members: String, model: String = "") -> Diagnostic? {
        do {
            _ = try tokenizer(members, model: model)
            return nil
        } catch {
            return error as? Diagnostic
        }
    }

    @Test("a folder without tokenizer.json says how to make one")
    func missingFile() {
        let error = #expect(throws: Diagnostic.self) { try Tokenizer(directory: Self.directory) }
        #expect(error?.category == .inputMissing)
        #expect(error?.location.file?.hasSuffix("tokenizers/tokenizer.json") == true)
        #expect(error?.remedy.contains("save_pretrained") == true)
    }

    @Test(
        "what is not supported is named",
        arguments: [
            (#""normalizer":{"type":"Precompiled"}"#, "normalizer 'Precompiled' is not supported", "normalizer"),
            (
                #""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"}]}"#,
                "pre-tokenizer 'UnicodeScripts' is not supported", "pre_tokenizer.pretokenizers[0]"
            ),
            (#""decoder":{"type":"CTC"}"#, "decoder 'CTC' is not supported", "decoder"),
            (
                #""post_processor":{"type":"BertProcessing"}"#, "post-processor 'BertProcessing' is not supported",
                "post_processor"
            ),
            (
                #""pre_tokenizer":{"type":"Split","pattern":{"Regex":"a"},"behavior":"Halved"}"#,
                "split behavior 'Halved' is not supported", "pre_tokenizer.behavior"
            ),
        ])
    func unsupported(member: String, message: String, field: String) {
        let error = Self.error(member)
        #expect(error?.category == .badData)
        #expect(error?.message == message)
        #expect(error?.location == .init(file: "tokenizer.json", field: field))
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("other models are named", arguments: ["Unigram", "WordPiece", "WordLevel"])
    func otherModels(type: String) throws {
        let json = try JSONValue(parsing: #"{"model":{"type":"\#(type)","vocab":[]}}"#)
        let error = #expect(throws: Diagnostic.self) { try Tokenizer(json: json, file: "t.json") }
        #expect(error?.message == "model '\(type)' is not supported")
    }

    @Test(
        "a broken model is an error at its field",
        arguments: [
            (#"{"vocab":{"a":0,"b":0},"merges":[]}"#, "two tokens have the ID 0", "model.vocab"),
            (#"{"vocab":{"a":-1},"merges":[]}"#, "the token 'a' has no valid ID", "model.vocab"),
            (#"{"vocab":{"a":3000000000},"merges":[]}"#, "the token 'a' has no valid ID", "model.vocab"),
            (#"{"vocab":{"a":0.5},"merges":[]}"#, "the token 'a' has no valid ID", "model.vocab"),
            (#"{"vocab":{"a":"0"},"merges":[]}"#, "the token 'a' has no valid ID", "model.vocab"),
            (#"{"vocab":[],"merges":[]}"#, "this is an array, but an object of tokens is needed", "model.vocab"),
            (#"{"merges":[]}"#, "the field 'vocab' is missing", "model"),
            (#"{"type":"BPE","vocab":{}}"#, "the field 'merges' is missing", "model"),
            (
                #"{"vocab":{"a":0},"merges":["a b"]}"#,
                "the merge needs the token 'b', which is not in the vocabulary", "model.merges[0]"
            ),
            (
                #"{"vocab":{"a":0,"b":1},"merges":[["a","b"]]}"#,
                "the merge needs the token 'ab', which is not in the vocabulary", "model.merges[0]"
            ),
            (
                #"{"vocab":{"a":0},"merges":["a"]}"#, "a merge has two tokens with one space between them",
                "model.merges[0]"
            ),
            (#"{"vocab":{"a":0},"merges":[["a"]]}"#, "a merge has two tokens", "model.merges[0]"),
            (#"{"vocab":{"a":0},"merges":[7]}"#, "a merge is a string or an array of two", "model.merges[0]"),
            (
                #"{"vocab":{"a":0},"merges":[],"unk_token":"<unk>"}"#, "the token '<unk>' is not in the vocabulary",
                "model.unk_token"
            ),
            (
                #"{"vocab":{"a":0},"merges":[],"dropout":0.1}"#,
                "the model drops merges at random, so its IDs are not determined", "model.dropout"
            ),
            (
                #"{"vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}"#,
                "end_of_word_suffix '</w>' is not supported", "model.end_of_word_suffix"
            ),
        ])
    func brokenModel(model: String, message: String, field: String) throws {
        let json = try JSONValue(parsing: "{\"model\":\(model)}")
        let error = #expect(throws: Diagnostic.self) { try Tokenizer(json: json, file: "t.json") }
        #expect(error?.message == message)
        #expect(error?.location == .init(file: "t.json", field: field))
    }

    @Test("added tokens must agree with the vocabulary and each other")
    func addedTokens() {
        #expect(Self.error(#""added_tokens":[{"id":1,"content":"a"}]"#)?.message.contains("but 0 in 'vocab'") == true)
        #expect(Self.error(#""added_tokens":[{"id":1,"content":"x"}]"#)?.message.contains("another token's") == true)
        let twice = #""added_tokens":[{"id":8,"content":"x"},{"id":8,"content":"y"}]"#
        #expect(Self.error(twice)?.location.field == "added_tokens[1]")
        #expect(Self.error(#""added_tokens":[{"id":-4,"content":"x"}]"#)?.message == "this is not a token ID")
    }

    @Test("a post-processor may add only tokens that there are")
    func postProcessor() {
        let template = #"""
            "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}},
            {"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"x":{"id":"x","ids":[99],"tokens":["x"]}}}
            """#
        #expect(Self.error(template)?.message == "the post-processor adds the ID 99, which is no token's")
    }

    @Test("a character without a token and without an unknown token is an error")
    func missingCharacter() throws {
        let json = try JSONValue(parsing: #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}"#)
        let tokenizer = try Tokenizer(json: json, file: "t.json")
        let error = #expect(throws: Diagnostic.self) { try tokenizer.encode("aé", addSpecialTokens: false) }
        #expect(error?.message.contains("U+E9") == true)
    }

    @Test("canonically equivalent tokens are two tokens")
    func canonicalEquivalents() throws {
        let text =
            #"{"model":{"type":"BPE","vocab":{"e":0,"\#u{301}":1,"\#u{E9}":2,"e\#u{301}":3},"merges":["e \#u{301}"]}}"#
        let tokenizer = try Tokenizer(json: JSONValue(parsing: text), file: "t.json")
        #expect(tokenizer.id(of: "\u{E9}") == 2)
        #expect(tokenizer.id(of: "e\u{301}") == 3)
        #expect(try tokenizer.encode("\u{E9}e\u{301}", addSpecialTokens: false).ids == [2, 3])
        #expect(tokenizer.vocabularySize == 4)
    }

    @Test("IDs need not be contiguous")
    func sparseIDs() throws {
        let text = #"""
            {"model":{"type":"BPE","vocab":{"a":5,"b":900000},"merges":[]},
            "added_tokens":[{"id":2000000000,"content":"<x>","special":true}]}
            """#
        let tokenizer = try Tokenizer(json: JSONValue(parsing: text), file: "t.json")
        #expect(tokenizer.vocabularySize == 3)
        #expect(try tokenizer.encode("ab<x>", addSpecialTokens: false).ids == [5, 900_000, 2_000_000_000])
        #expect([0, 5, 6, 900_000, 2_000_000_000, -1].map(tokenizer.token) == [nil, "a", nil, "b", "<x>", nil])
        #expect(tokenizer.decode([5, 7, 900_000, 2_000_000_000], skipSpecialTokens: true) == "a b")
        #expect(tokenizer.isSpecial(2_000_000_000) && !tokenizer.isSpecial(5))
    }

    @Test("JSON that is no object, and nesting without end, are errors")
    func shape() throws {
        for text in ["[]", "null", "3", "{}"] {
            let json = try JSONValue(parsing: text)
            #expect(throws: Diagnostic.self) { try Tokenizer(json: json, file: "t.json") }
        }
        let deep = String(repeating: #"{"type":"Sequence","normalizers":["#, count: 200)
        let end = String(repeating: "]}", count: 200)
        #expect(throws: Diagnostic.self) { try Self.tokenizer("\"normalizer\":\(deep)\(end)") }
    }
}

@Suite("Special tokens have roles")
struct SpecialTokenTests {
    private func checkpoint(_ files: [String: String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let model = #"{"model":{"type":"BPE","vocab":{"a":0,"<s>":1,"</s>":2},"merges":[]}}"#
        try folder.write(model, to: "tokenizer.json")
        for (name, text) in files { try folder.write(text, to: name) }
        return folder
    }

    @Test("tokenizer_config.json names them, as strings or objects; then special_tokens_map.json; then config.json")
    func sources() throws {
        let folder = try checkpoint([
            "tokenizer_config.json": #"{"bos_token":{"content":"<s>","lstrip":false},"pad_token":null}"#,
            "special_tokens_map.json": #"{"bos_token":"a","unk_token":"a"}"#,
            "config.json": #"{"eos_token_id":[2,1],"bos_token_id":0,"pad_token_id":77}"#,
        ])
        let tokenizer = try Tokenizer(directory: folder.path)
        #expect(tokenizer.beginToken == "<s>")
        #expect(tokenizer.endToken == "</s>")
        #expect(tokenizer.padToken == nil)
        #expect(tokenizer.unknownToken == "a")
    }

    @Test("a file that is wrong is named")
    func wrongFile() throws {
        let wrong = try checkpoint(["tokenizer_config.json": "{\"bos_token\":\n 7}"])
        let error = #expect(throws: Diagnostic.self) { try Tokenizer(directory: wrong.path) }
        #expect(error?.location == .init(file: wrong.file("tokenizer_config.json"), field: "bos_token"))
        let broken = try checkpoint(["special_tokens_map.json": "{\n\n!"])
        let syntax = #expect(throws: Diagnostic.self) { try Tokenizer(directory: broken.path) }
        #expect(syntax?.location.line == 3)
    }
}

import Diagnostics
import JSON
import Testing
import Text

@Suite("Encoding")
struct TokenizerEncodingTests {
    /// A tokenizer that knows no character.
    private static func splitter(_ preTokenizer: String) throws -> Tokenizer {
        let json = try JSONValue(
            parsing: #"{"model":{"type":"BPE","vocab":{"<unk>":0},"merges":[],"unk_token":"<unk>","fuse_unk":true},"#
                + #""pre_tokenizer":\#(preTokenizer)}"#)
        return try Tokenizer(json: json, file: "t.json")
    }

    /// The pieces that a pre-tokenizer makes: all characters of a piece fuse to one unknown token.
    private static func pieces(_ text: String, _ preTokenizer: String) throws -> [String] {
        let bytes = Array(text.utf8)
        return try splitter(preTokenizer).encode(text, addSpecialTokens: false).offsets.map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
    }

    private static func pieces(
        _ text: String, pattern: String, _ behavior: String = "Isolated", isInverted: Bool = false
    ) throws -> [String] {
        let quoted = JSONValue.string(pattern).text
        return try pieces(
            text,
            #"{"type":"Split","pattern":{"Regex":\#(quoted)},"behavior":"\#(behavior)","invert":\#(isInverted)}"#)
    }

    @Test(
        "matches are removed, isolated or merged",
        arguments: [
            ("Removed", ["the", "final", "countdown"]), ("Isolated", ["the", "-", "final", "-", "-", "countdown"]),
            ("MergedWithPrevious", ["the-", "final-", "-", "countdown"]),
            ("MergedWithNext", ["the", "-final", "-", "-countdown"]),
            ("Contiguous", ["the", "-", "final", "--", "countdown"]),
        ])
    func behaviors(behavior: String, expected: [String]) throws {
        #expect(try Self.pieces("the-final--countdown", pattern: "-", behavior) == expected)
    }

    @Test("an inverted pattern splits on what it does not match")
    func inverted() throws {
        #expect(try Self.pieces("ab12cd", pattern: "[a-z]+", "Removed", isInverted: true) == ["ab", "cd"])
    }

    // The expected pieces are those of tokenizers 0.23.
    @Test(
        "patterns match as Oniguruma matches them",
        arguments: [
            ("^a", "aa\naa", ["a", "a\n", "a", "a"]), ("a{1,2}+", "aaaaaXa", ["aaaaa", "X", "a"]),
            ("a{2}?", "aaaaaXa", ["aa", "aa", "a", "X", "a"]), ("(?=b)", "aabab", ["aa", "ba", "b"]),
            ("b*", "aabab", ["a", "a", "b", "a", "b"]), ("\\s", "a\u{180E}b\u{85}c", ["a\u{180E}b", "\u{85}", "c"]),
            ("\\h+", "xbeefy", ["x", "beef", "y"]), ("\\w+", "a\u{301}b½c⁰d", ["a\u{301}b½c", "⁰", "d"]),
            ("(?m:a.b)", "a\nb", ["a\nb"]), ("a.b", "a\nb", ["a\nb"]), ("a{,2}b", "aaab", ["a", "aab"]),
            ("\\p{L}+", "a\u{31350}\u{1C89}1", ["a\u{31350}\u{1C89}", "1"]), ("\\bb", "ab b", ["ab ", "b"]),
            ("\\p{^L}", "a1", ["a", "1"]), ("a{", "a{b", ["a{", "b"]), ("[]x]", "a]b", ["a", "]", "b"]),
            ("\\x41|\\u0042", "cABd", ["c", "A", "B", "d"]), ("(?i:'S)", "it'ſ", ["it", "'ſ"]),
        ])
    func oniguruma(pattern: String, text: String, expected: [String]) throws {
        #expect(try Self.pieces(text, pattern: pattern) == expected)
    }

    // The counts are those of tokenizers 0.23, whose Oniguruma has Unicode 16.
    @Test(
        "classes hold the characters that Oniguruma's hold",
        arguments: [
            ("\\w", 144_671), ("\\s", 25), ("[^\\S]", 25), ("\\d", 760), ("\\p{L}", 141_028),
            ("[\\p{N}]", 1911), ("\\p{M}", 2501), ("\\p{P}", 855), ("\\p{S}", 8514), ("\\p{Lu}", 1858),
            ("\\p{Han}", 99_030),
        ])
    func classes(pattern: String, expected: Int) throws {
        var text = String.UnicodeScalarView()
        for value in UInt32(1)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), (scalar.properties.age?.major ?? 0) < 17 else { continue }
            text.append(scalar)
        }
        let pieces = try Self.pieces(String(text), pattern: pattern, "Removed", isInverted: true)
        #expect(pieces.count == expected)
    }

    @Test(
        "a pattern that cannot be matched alike is an error at its place",
        arguments: [
            "[a[bc]]", "[a&&b]", "(?<name>a)", "\\1", "(?R)", "(*UTF)", "a(?i)b|c", "\\K", "\\p{Klingon}", "\\xE9",
            "(a", "a)",
            "[a", "\\", "*a", "[\\W]", "a{9999999}", "\\G", "(?#x)",
        ])
    func unsupportedPattern(pattern: String) {
        let error = #expect(throws: Diagnostic.self) { try Self.pieces("a", pattern: pattern) }
        #expect(error?.category == .badData)
        #expect(error?.location == .init(file: "t.json", field: "pre_tokenizer.pattern.Regex"))
    }

    @Test("a pattern that explodes is stopped")
    func explosion() throws {
        let text = String(repeating: "a", count: 60) + "cb"
        #expect(throws: Diagnostic.self) { try Self.pieces(text, pattern: "(?:a+)+b") }
    }

    @Test("a word of a megabyte takes no more than its share", arguments: ["gpt2", "llama2", "gemma"])
    func longWord(kind: String) throws {
        let tokenizer = try TokenizerFixtures.tokenizer(kind)
        for unit in ["a", "the", " ", "\u{301}"] {
            let text = String(repeating: unit, count: 100_000)
            let clock = ContinuousClock()
            var encoding = Tokenizer.Encoding()
            let time = try clock.measure { encoding = try tokenizer.encode(text, addSpecialTokens: false) }
            #expect(encoding.offsets.last?.upperBound == text.utf8.count)
            #expect(time < .seconds(60))
        }
    }

    @Test("threads share a tokenizer")
    func threads() async throws {
        let tokenizer = try TokenizerFixtures.tokenizer("qwen2")
        let cases = try TokenizerFixtures.cases(in: TokenizerFixtures.folder("qwen2") + "/cases.jsonl")
        let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try cases.count { try tokenizer.encode($0.text, addSpecialTokens: false).ids != $0.ids }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    @Test("what the post-processor adds has empty ranges at the ends")
    func framing() throws {
        let tokenizer = try TokenizerFixtures.tokenizer("mistral")
        let encoding = try tokenizer.encode("the é", addSpecialTokens: true)
        #expect(encoding.offsets.first == 0..<0)
        #expect(encoding.offsets.last == 6..<6)
        #expect(tokenizer.token(of: encoding.ids[0]) == "<s>")
    }

    @Test("an offset covers all that was composed")
    func composed() throws {
        let tokenizer = try TokenizerFixtures.tokenizer("qwen2")
        let encoding = try tokenizer.encode("e\u{301}", addSpecialTokens: false)
        #expect(encoding.offsets.allSatisfy { $0 == 0..<3 })
        #expect(try encoding.ids == tokenizer.encode("\u{E9}", addSpecialTokens: false).ids)
    }

    @Test("bytes that are no UTF-8 decode to U+FFFD, each stretch as Unicode recommends")
    func brokenBytes() throws {
        let tokenizer = try TokenizerFixtures.tokenizer("gpt2")
        let ids = try tokenizer.encode("日本", addSpecialTokens: false).ids
        let spelling = try #require(tokenizer.id(of: "æ"))
        #expect(tokenizer.decode([spelling], skipSpecialTokens: true) == "\u{FFFD}")
        #expect(tokenizer.decode(ids + [spelling, spelling], skipSpecialTokens: true) == "日本\u{FFFD}\u{FFFD}")
    }
}

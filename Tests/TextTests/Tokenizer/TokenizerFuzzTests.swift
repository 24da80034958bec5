import Diagnostics
import JSON
import TestSupport
import Testing
import Text

/// Damaged tokenizer files end in an error or in a tokenizer that works; never in a crash or a hang.
@Suite("Damaged tokenizer files do no harm")
struct TokenizerFuzzTests {
    /// Mutants per kind; the variable ASSAY_SOAK sets the number over all kinds.
    private static let count =
        Soak.count.map { $0 / small.count + 1 } ?? 300

    /// Each kind with few tokens, so that a mutation often hits something else than one of hundreds of merges.
    private static let small = [
        #"{"version":"1.0","added_tokens":[{"id":6,"content":"<x>","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":true}],"normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]},"post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<x>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<x>":{"id":"<x>","ids":[6],"tokens":["<x>"]}}}]},"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","dropout":null,"unk_token":"c","ignore_merges":true,"vocab":{"a":0,"b":1,"ab":2,"c":3,"abc":4,"Ġ":5},"merges":["a b",["ab","c"]]}}"#,
        #"{"added_tokens":[{"id":0,"content":"<unk>","special":true,"normalized":true,"rstrip":true},{"id":6,"content":"yes","single_word":true}],"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"Lowercase"},{"type":"NFKD"}]},"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},"post_processor":null,"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"Regex":"▁+"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":2},{"type":"Metaspace","replacement":"▁"}]},"model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,"vocab":{"<unk>":0,"▁":1,"a":2,"▁a":3,"<0xE2>":4,"<0x0A>":5},"merges":[["▁","a"]]}}"#,
        #"{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"Punctuation","behavior":"MergedWithPrevious"},{"type":"Whitespace"},{"type":"WhitespaceSplit"},{"type":"Split","pattern":{"String":"ab"},"behavior":"MergedWithNext","invert":true},{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}]},"decoder":null,"model":{"vocab":{"u":0,"Ġ":1,"uu":2},"merges":["u u"],"unk_token":"u"}}"#,
    ]

    private static let texts = [
        "", "a abc<x> ab's 123\n", "▁yes \u{301}é 日本\u{1F600}\u{0}  ab\t", "<unk> aaaaaaaaaaaaaaaa",
    ]

    @Test("mutants of small files", arguments: small.indices)
    func mutants(index: Int) throws {
        let accepted = try Self.fuzz(Array(Self.small[index].utf8), count: Self.count, seed: UInt64(index + 1))
        #expect(accepted * 50 > Self.count, "the mutants hardly reach past the reader: \(accepted)")
    }

    @Test("mutants of the committed files", arguments: TokenizerFixtures.kinds)
    func committedMutants(kind: String) throws {
        let file = try FixtureFile.bytes(of: TokenizerFixtures.folder(kind) + "/tokenizer.json")
        let accepted = try Self.fuzz(file, count: 10, seed: 99)
        #expect(accepted < 10)
    }

    /// - Returns: how many mutants are tokenizers still.
    private static func fuzz(_ file: [UInt8], count: Int, seed: UInt64) throws -> Int {
        var generator = SplitMix64(state: seed)
        var accepted = 0
        for _ in 0..<count {
            let mutant = mutation.mutant(of: file, using: &generator)
            guard let json = try? JSONValue(parsing: mutant), let tokenizer = try? Tokenizer(json: json, file: "t")
            else {
                continue
            }
            accepted += 1
            for text in texts {
                guard let encoding = try? tokenizer.encode(text, addSpecialTokens: true) else { continue }
                #expect(encoding.offsets.allSatisfy { $0.upperBound <= text.utf8.count })
                #expect(encoding.ids.allSatisfy { tokenizer.token(of: $0) != nil })
                _ = tokenizer.decode(encoding.ids + [-1, .max, 3], skipSpecialTokens: true)
            }
        }
        return accepted
    }

    private static let mutation = Mutation(
        pieces: [
            "{", "}", "[", "]", "\"", ",", ":", "null", "true", "0", "-1", "1e9", "4294967296", "\\u0000", "\\ud800",
            "\\",
            "(",
            ")", "*", "+", "?", "{2}", "{,3}+", "[^", "\\p{L}", "\\P{N}", "(?<=", "\\b", "(a*)*b", "\u{FF}", "é",
            "e\u{301}",
            "Sequence", "ByteLevel", "Removed", "Contiguous",
        ], longest: 24, places: 1...4)
}

/// Changes to a JSON value that leave it JSON, so that they reach the reader behind the parser.
private enum JSONMutation {
    private static let values: [JSONValue] = [
        .null, true, 0, -1, 7, 5_000_000_000, 0.5, "", "a", "▁", "<x>", "(", "a b", "NFC", "ByteLevel", [], ["a", "b"],
        [[]],
        [:], ["type": "Sequence"], ["String": ""], ["Regex": ""], ["Regex": "(?=a)|b*"], ["type": "NFKC"],
        ["type": "Split", "pattern": ["Regex": "."], "behavior": "Removed"], ["id": 3, "content": "c", "lstrip": true],
    ]

    private static let additions = [
        "a", "|", "(", "(?:", ")", "*", "+", "?", "{2}", "{,3}+", "[^a]", "\\s", "\\p{L}", "(?<=a)", "\\b", "(?:a*)*b",
        "é",
        "e\u{301}", "▁", " ", "\u{0}", "\u{10FFFF}",
    ]

    static func mutant(of value: JSONValue, _ generator: inout SplitMix64) -> JSONValue {
        var mutant = value
        for _ in 0..<Int.random(in: 1...2, using: &generator) { change(&mutant, &generator) }
        return mutant
    }

    /// Walks down to a member at random and replaces, removes or doubles it.
    private static func change(_ value: inout JSONValue, _ generator: inout SplitMix64) {
        switch value {
        case .array(var elements):
            guard let index = elements.indices.randomElement(using: &generator) else { break }
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            case 2: elements.insert(values.randomElement(using: &generator) ?? .null, at: index)
            default: change(&elements[index], &generator)
            }
            value = .array(elements)
        case .object(var members):
            guard let key = members.keys.randomElement(using: &generator) else { break }
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: members[key] = nil
            case 1: members[key] = values.randomElement(using: &generator)
            default: if var member = members[key] { change(&member, &generator); members[key] = member }
            }
            value = .object(members)
        case .string(let text) where Bool.random(using: &generator):
            let addition = additions.randomElement(using: &generator) ?? ""
            value = .string(Bool.random(using: &generator) ? text + addition : addition + text)
        default: value = values.randomElement(using: &generator) ?? .null
        }
    }
}

import Diagnostics
import JSON
import Testing
import Text

/// The committed tokenizers and what Hugging Face's `tokenizers` does with text.
enum TokenizerFixtures {
    /// What scripts/fixtures/make_tokenizer_fixtures.py makes.
    static let kinds = [
        "gpt2", "neox", "qwen2", "llama3", "llama2", "gemma", "mistral", "deepseek", "gpt4o", "starcoder", "falcon",
        "unknown", "folding",
    ]
    /// Kinds whose decoding restores any text.
    static let lossless: Set<String> = ["gpt2", "llama3", "deepseek"]

    static let repository: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(4)
        return parts.joined(separator: "/")
    }()

    static func folder(_ kind: String) -> String { "\(repository)/Tests/Fixtures/tokenizers/\(kind)" }

    static func tokenizer(_ kind: String) throws -> Tokenizer { try Tokenizer(directory: folder(kind)) }

    static func cases(in file: String) throws -> [TokenizerCase] {
        var cases: [TokenizerCase] = []
        for line in try lines(of: file) { cases.append(try TokenizerCase(JSONValue(parsing: line))) }
        return cases
    }

    private static func lines(of file: String) throws -> [ArraySlice<UInt8>] {
        try FixtureFile.bytes(of: file).split(separator: 0x0A)
    }
}

/// A text and what the reference makes of it.
struct TokenizerCase {
    let text: String
    let ids: [Int32]
    let framed: [Int32]
    let offsets: [Range<Int>]?
    let decoded: String
    let skipped: String

    init(_ value: JSONValue) throws {
        text = try #require(value["text"]?.stringValue)
        ids = try Self.ids(#require(value["ids"]))
        framed = try value["framed"].map(Self.ids) ?? ids
        decoded = value["decoded"]?.stringValue ?? text
        skipped = value["skipped"]?.stringValue ?? decoded
        let bounds = value["offsets"]?.arrayValue?.compactMap(\.intValue)
        offsets = bounds.map { bounds in
            stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]..<bounds[$0 + 1] }
        }
    }

    private static func ids(_ value: JSONValue) throws -> [Int32] {
        try #require(value.arrayValue).map { try Int32(#require($0.intValue)) }
    }

    /// How the tokenizer departs from the reference on this case; empty where it does not.
    func departures(of tokenizer: Tokenizer) throws -> [String] {
        let plain = try tokenizer.encode(text, addSpecialTokens: false)
        let framed = try tokenizer.encode(text, addSpecialTokens: true)
        var departures: [String] = []
        func check(_ name: String, _ isEqual: Bool, _ got: Any, _ wanted: Any) {
            if !isEqual { departures.append("\(name) of \(text.debugDescription): \(got), not \(wanted)") }
        }
        func isSame(_ left: String, _ right: String) -> Bool { Array(left.utf8) == Array(right.utf8) }
        let all = tokenizer.decode(self.framed, skipSpecialTokens: false)
        let skipped = tokenizer.decode(self.framed, skipSpecialTokens: true)
        check("ids", plain.ids == ids, plain.ids, ids)
        check("framed ids", framed.ids == self.framed, framed.ids, self.framed)
        if let offsets { check("offsets", plain.offsets == offsets, plain.offsets, offsets) }
        check("decoded text", isSame(all, decoded), all.debugDescription, decoded.debugDescription)
        check("text without special tokens", isSame(skipped, self.skipped), skipped.debugDescription, self.skipped)
        check("offsets", plain.offsets.count == plain.ids.count, plain.offsets.count, plain.ids.count)
        return departures
    }
}

import JSON
import Testing
import Text

@Suite("Tokenizers give what Hugging Face's give")
struct TokenizerParityTests {
    @Test("IDs, offsets and decoded text equal the reference's", arguments: TokenizerFixtures.kinds)
    func committedCases(kind: String) throws {
        try check(kind, file: TokenizerFixtures.folder(kind) + "/cases.jsonl")
    }

    @Test(
        "generated texts too (ASSAY_TOKENIZER_CASES names their folder)",
        .enabled(if: FixtureFile.environment("ASSAY_TOKENIZER_CASES") != nil), arguments: TokenizerFixtures.kinds)
    func generatedCases(kind: String) throws {
        let folder = try #require(FixtureFile.environment("ASSAY_TOKENIZER_CASES"))
        try check(kind, file: "\(folder)/\(kind).jsonl")
    }

    private func check(_ kind: String, file: String) throws {
        let tokenizer = try TokenizerFixtures.tokenizer(kind)
        let cases = try TokenizerFixtures.cases(in: file)
        #expect(cases.count >= 200)
        var departures: [String] = []
        for sample in cases {
            departures += try sample.departures(of: tokenizer)
            if TokenizerFixtures.lossless.contains(kind) {
                let ids = try tokenizer.encode(sample.text, addSpecialTokens: false).ids
                let restored = tokenizer.decode(ids, skipSpecialTokens: false)
                if Array(restored.utf8) != Array(sample.text.utf8) { departures.append("lost: \(sample.text)") }
            }
        }
        #expect(
            departures.isEmpty, "\(departures.count) of \(cases.count): \(departures.prefix(3).map { $0.prefix(400) })")
    }

    @Test(
        "a checkpoint's expected token IDs are met",
        .enabled(if: FixtureFile.exists(TokenizerFixtures.repository + "/../shared/fixtures/checkpoints")),
        arguments: ["llama", "mistral", "qwen2", "qwen3", "gemma2", "gpt_neox", "llama3-rope"])
    func checkpoint(name: String) throws {
        let folder = TokenizerFixtures.repository + "/../shared/fixtures/checkpoints/" + name
        guard FixtureFile.exists(folder + "/tokenizer.json") else { return }
        let tokenizer = try Tokenizer(directory: folder)
        let expected = try JSONValue(readingFile: folder + "/expected.json")
        let texts = try #require(expected["texts"]?.arrayValue)
        let ids = try #require(expected["token_ids"]?.arrayValue)
        #expect(texts.count == ids.count && !texts.isEmpty)
        for (text, wanted) in zip(texts, ids) {
            let encoding = try tokenizer.encode(#require(text.stringValue), addSpecialTokens: true)
            #expect(encoding.ids.map(Int.init) == wanted.arrayValue?.compactMap(\.intValue))
        }
    }
}

import Diagnostics
import Experiment
import Foundation
import JSON
import Testing
import Text

@testable import Worlds

@Suite struct AnsweringWorldTests {
    private func make(_ settings: JSONValue) throws -> any AnsweringWorld {
        try #require(
            try makeWorld(settings, path: "world", tokenizer: nil, relativeTo: "") as? any AnsweringWorld)
    }

    @Test(
        "The answer that an embedded world shows is worth 1 to its gold",
        arguments: [
            ["kind": "lookup"], ["kind": "lookup", "gold": "binary"], ["kind": "match"],
            ["kind": "reduce", "group": "alternating", "order": 5],
        ] as [JSONValue])
    func right(settings: JSONValue) async throws {
        let world = try make(settings)
        for prompt in world.prompts {
            let answer = Response(tokens: try world.goldAnswer(to: prompt), text: "")
            #expect(try await world.gold([answer], to: prompt) == [1])
        }
    }

    @Test("Of the answers worth most, lookup shows one of the likeliest class")
    func likeliest() throws {
        let world = try make(["kind": "lookup", "gold": "binary"])
        let logs = try #require(world.enumeration?.specifiedLogProbabilities)
        for (index, prompt) in world.prompts.enumerated() {
            let answer = Int(try world.goldAnswer(to: prompt)[0])
            #expect(logs[index][answer] == logs[index].max())
        }
    }

    @Test(
        "A world of prompts shows the reference's answer, and refuses where its rule knows none",
        arguments: [("exact", " 1,080 \n", "1,080"), ("numeric-answer", "so\n#### 1,080.", "1080")])
    func prompts(rule: String, reference: String, answer: String) async throws {
        let gold: any GoldRule = rule == "exact" ? ExactGold(field: "a") : NumericAnswerGold(field: "a")
        let prompt = WorldPrompt(id: "p", tokens: [0], text: "p", context: ["a": .string(reference)])
        let text = try #require(try gold.answer(to: prompt))
        #expect(text == answer)
        #expect(try await gold.gold([Response(tokens: [], text: text)], to: prompt) == [1])
        #expect(try TrueEquationsGold().answer(to: prompt) == nil)
    }
}

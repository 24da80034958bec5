import Diagnostics
import Experiment
import Foundation
import JSON
import Statistics
import Testing

@testable import Worlds

@Suite struct LookupWorldTests {
    private func world(_ settings: JSONValue = ["kind": "lookup"]) throws -> any World {
        try makeWorld(settings, path: "world", tokenizer: nil, relativeTo: "")
    }

    @Test("Settings that are left out have their defaults, and the canonical settings make the same world again")
    func defaults() throws {
        let made = try world()
        #expect(
            made.settings.text
                == #"{"kind":"lookup","prompts":64,"answers":32,"classes":8,"decay":0.6,"gold":"graded","seed":0}"#)
        let again = try world(made.settings)
        #expect(again.enumeration?.gold == made.enumeration?.gold)
        #expect(again.settings == made.settings)
        #expect(try world(["kind": "lookup", "seed": 1]).enumeration?.gold != made.enumeration?.gold)
    }

    @Test("Every prompt is a different row of tokens of the vocabulary", arguments: [2, 3, 32, 4096])
    func prompts(answers: Int) throws {
        let made = try world(["kind": "lookup", "answers": .integer(answers), "classes": 1, "prompts": 200])
        #expect(Set(made.prompts.map(\.tokens)).count == 200)
        #expect(Set(made.prompts.map(\.tokens.count)).count == 1)
        #expect(made.prompts.allSatisfy { $0.tokens.count >= 2 })
        #expect(made.prompts.flatMap(\.tokens).allSatisfy { (0..<Int32(answers)).contains($0) })
    }

    @Test("Probabilities sum to 1, fall by the decay from class to class, and every class holds the same gold")
    func table() throws {
        let table = try #require(try world().enumeration)
        for (gold, logs) in zip(table.gold, try #require(table.specifiedLogProbabilities)) {
            #expect(abs(logs.map { exp($0) }.reduce(0, +) - 1) < 1e-12)
            let classes = Dictionary(grouping: logs.indices) { logs[$0] }
            let levels = classes.keys.sorted(by: >)
            #expect(levels.count == 8)
            for (level, next) in zip(levels, levels.dropFirst()) { #expect(abs(exp(next - level) - 0.6) < 1e-12) }
            for places in classes.values {
                #expect(places.map { gold[$0] }.sorted() == [0, 1.0 / 3, 2.0 / 3, 1])
            }
        }
    }

    @Test("Binary gold has one answer worth 1 in each class")
    func binary() throws {
        let table = try #require(try world(["kind": "lookup", "gold": "binary"]).enumeration)
        #expect(table.gold.allSatisfy { $0.sorted() == Array(repeating: 0, count: 24) + Array(repeating: 1, count: 8) })
    }

    @Test("Even many classes with a steep decay keep finite log-probabilities")
    func steep() throws {
        let made = try world(["kind": "lookup", "answers": 4096, "classes": 2048, "decay": 0.1, "prompts": 1])
        let logs = try #require(made.enumeration?.specifiedLogProbabilities?.first)
        #expect(logs.allSatisfy { $0.isFinite })
        #expect(abs(logs.map { exp($0) }.reduce(0, +) - 1) < 1e-12)
    }

    @Test("Demonstrations follow the table")
    func demonstrations() throws {
        let made = try world(["kind": "lookup", "answers": 4, "classes": 2, "prompts": 1])
        let logs = try #require(made.enumeration?.specifiedLogProbabilities?.first)
        var counts = [0, 0, 0, 0]
        for item in 0..<20_000 {
            var stream = RandomStream(seed: 1, purpose: "test", item: UInt64(item))
            let response = try #require(try made.demonstration(of: made.prompts[0], &stream))
            counts[Int(response.tokens[0])] += 1
        }
        // Five standard errors of a share of 20,000.
        for (count, log) in zip(counts, logs) { #expect(abs(Double(count) / 20_000 - exp(log)) < 0.018) }
    }

    @Test("Gold is read from the table, and what is no response or prompt of the world is an error")
    func gold() async throws {
        let made = try world()
        let table = try #require(made.enumeration)
        #expect(try await made.gold(table.responses, to: made.prompts[5]) == table.gold[5])
        #expect(table.responses[17].text == "a17")
        #expect(try made.text(of: [17]) == "a17")
        await #expect(throws: Diagnostic.self) {
            try await made.gold([Response(tokens: [32], text: "")], to: made.prompts[0])
        }
        await #expect(throws: Diagnostic.self) {
            try await made.gold([], to: WorldPrompt(id: "q64", tokens: [2, 0], text: "q64"))
        }
    }

    @Test(
        "A wrong setting is a usage error that names its key",
        arguments: [
            (["kind": "lookup", "classes": 5], "world.classes"),
            (["kind": "lookup", "answers": 32, "classes": 32], "world.classes"),
            (["kind": "lookup", "answers": 8192], "world.answers"),
            (["kind": "lookup", "clases": 4], "world.clases"), (["kind": "lokup"], "world.kind"),
            (["answers": 4], "world.kind"), (["kind": "lookup", "prompts": 65536, "answers": 4096], "world.prompts"),
        ] as [(JSONValue, String)])
    func errors(settings: JSONValue, field: String) throws {
        let error = #expect(throws: Diagnostic.self) { try world(settings) }
        #expect(error?.category == .usage)
        #expect(error?.location.field == field)
    }
}

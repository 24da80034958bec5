import Diagnostics
import Experiment
import Foundation
import JSON
import Statistics
import Testing

@testable import Worlds

@Suite struct MatchWorldTests {
    private let world = MatchWorld(MatchWorld.Settings())

    private func make(_ settings: JSONValue) throws -> any World {
        try makeWorld(settings, path: "world", tokenizer: nil, relativeTo: "")
    }

    @Test("The canonical settings make the same world again")
    func settings() throws {
        let made = try make(["kind": "match", "contents": 3])
        #expect(
            made.settings.text == #"{"kind":"match","contents":3,"styles":4,"lengths":4,"noise":8,"held-out":2,"#
                + #""base-fit":0.3,"style-decay":0.7,"length-decay":0.7}"#)
        #expect(try make(made.settings).settings == made.settings)
        #expect(throws: Diagnostic.self) { try make(["kind": "match", "held-out": 8]) }
    }

    @Test("A quarter of the variants is held out, and every noise symbol still occurs in training")
    func heldOut() {
        #expect(world.prompts.count == 48)
        #expect(world.heldOutPrompts.count == 16)
        #expect(Set(world.prompts + world.heldOutPrompts).count == 64)
        #expect(Set(world.prompts.map { $0.tokens[1] }).count == 8)
        for topic in 0..<8 { #expect(world.heldOutPrompts.count { $0.text.hasPrefix("t\(topic) ") } == 2) }
    }

    @Test("Every response obeys the grammar, and the grammar allows nothing else")
    func grammar() throws {
        let table = try #require(world.enumeration)
        #expect(table.responses.count == 8 * 4 * 4)
        var allowed: [[Int32]] = [[]]
        var finished: Set<[Int32]> = []
        for place in 0..<world.maximumTokens {
            let next = world.grammar[min(place, world.grammar.count - 1)]
            allowed = allowed.flatMap { start in next.map { start + [$0] } }
            finished.formUnion(allowed.filter { world.endTokens.contains($0[place]) })
            allowed.removeAll { world.endTokens.contains($0[place]) }
        }
        #expect(allowed.isEmpty)
        #expect(finished == Set(table.responses.map(\.tokens)))
        let tokens = table.responses.flatMap(\.tokens) + world.prompts.flatMap(\.tokens)
        #expect(tokens.allSatisfy { (0..<Int32(world.vocabularySize)).contains($0) })
    }

    @Test("Specified probabilities sum to 1, and a response that fits has the base fit in all")
    func probabilities() async throws {
        let table = try #require(world.enumeration)
        let logs = try #require(table.specifiedLogProbabilities)
        for (index, prompt) in world.prompts.enumerated() {
            #expect(abs(logs[index].reduce(0) { $0 + exp($1) } - 1) < 1e-12)
            let fit = zip(logs[index], table.gold[index]).reduce(0) { $0 + exp($1.0) * $1.1 }
            #expect(abs(fit - 0.3) < 1e-12)
            #expect(try await world.gold(table.responses, to: prompt) == table.gold[index])
        }
    }

    @Test("Demonstrations follow the specified probabilities")
    func demonstrations() throws {
        let table = try #require(world.enumeration)
        var counts: [[Int32]: Int] = [:]
        for item in 0..<40_000 {
            var stream = RandomStream(seed: 3, purpose: "test", item: UInt64(item))
            counts[try #require(try world.demonstration(of: world.prompts[7], &stream)).tokens, default: 0] += 1
        }
        let logs = try #require(table.specifiedLogProbabilities?[7])
        var chiSquare = 0.0
        for (response, log) in zip(table.responses, logs) {
            let expected = 40_000 * exp(log)
            chiSquare +=
                (Double(counts[response.tokens, default: 0]) - expected)
                * (Double(counts[response.tokens, default: 0]) - expected) / expected
        }
        // 127 degrees of freedom: the 0.9999 quantile is 192.
        #expect(chiSquare < 192)
    }

    @Test("A response's text and attributes are those it was made of")
    func attributes() throws {
        for response in try #require(world.enumeration).responses {
            let attributes = try world.attributes(of: response)
            #expect(world.response(attributes) == response)
            #expect(try world.text(of: response.tokens) == response.text)
        }
        let made = world.response(.init(content: 3, style: 1, length: 2))
        #expect(made.text == "c3 s1 very very")
        #expect(throws: Diagnostic.self) { try world.attributes(of: Response(tokens: [0, 8, 12], text: "")) }
    }

    @Test(
        "A flip changes the one attribute, to each other value equally often", arguments: MatchWorld.Attribute.allCases)
    func flips(attribute: MatchWorld.Attribute) throws {
        let before = MatchWorld.Attributes(content: 3, style: 1, length: 2)
        var counts: [Int: Int] = [:]
        for item in 0..<4000 {
            var stream = RandomStream(seed: 0, purpose: "flip", item: UInt64(item))
            var after = try world.attributes(of: try world.flipped(attribute, of: world.response(before), &stream))
            counts[after[attribute], default: 0] += 1
            after[attribute] = before[attribute]
            #expect(after == before)
        }
        let others = world.count(of: attribute) - 1
        #expect(counts[before[attribute]] == nil)
        #expect(counts.count == others)
        let expected = 4000 / Double(others)
        for count in counts.values { #expect(abs(Double(count) - expected) < 5 * expected.squareRoot()) }
    }

    @Test("A swapped prompt has another topic and comes from the same list")
    func swaps() throws {
        var stream = RandomStream(seed: 0, purpose: "swap")
        for prompt in world.prompts + world.heldOutPrompts {
            let other = try world.promptOfAnotherTopic(than: prompt, &stream)
            #expect(try world.topic(of: other) != world.topic(of: prompt))
            #expect(world.prompts.contains(other) == world.prompts.contains(prompt))
        }
    }

    @Test(
        "In labelled pairs style predicts the label with the correlation asked for", arguments: [0, 0.5, 0.8, 0.95, 1])
    func pairs(correlation: Double) async throws {
        var agreements = 0
        for item in 0..<4000 {
            var stream = RandomStream(seed: 9, purpose: "pairs", item: UInt64(item))
            let prompt = world.prompts[item % world.prompts.count]
            let pair = try world.labelledPair(prompt, styleCorrelation: correlation, &stream)
            #expect(try await world.gold([pair.better, pair.worse], to: prompt) == [1, 0])
            let styles = [try world.attributes(of: pair.better).style, try world.attributes(of: pair.worse).style]
            #expect(styles.count { $0 == world.favouredStyle } == 1)
            if styles[0] == world.favouredStyle { agreements += 1 }
        }
        // Label and style are ±1 with mean 0, so their correlation is 2·share − 1; five standard errors.
        let phi = 2 * Double(agreements) / 4000 - 1
        #expect(abs(phi - correlation) <= 5 * ((1 - correlation * correlation) / 4000).squareRoot())
    }
}

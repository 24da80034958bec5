import Diagnostics
import Experiment
import Foundation
import JSON
import Statistics
import Testing

@testable import Worlds

@Suite struct ReduceWorldTests {
    private func make(_ settings: JSONValue) throws -> ReduceWorld {
        try #require(try makeWorld(settings, path: "world", tokenizer: nil, relativeTo: "") as? ReduceWorld)
    }

    @Test(
        "Groups have their orders, an identity, inverses and associative products",
        arguments: [
            (.cyclic, 7, 7), (.symmetric, 3, 6), (.symmetric, 4, 24), (.alternating, 4, 12), (.alternating, 5, 60),
        ] as [(FiniteGroup.Kind, Int, Int)])
    func groups(kind: FiniteGroup.Kind, degree: Int, order: Int) {
        let group = FiniteGroup(kind, degree: degree)
        #expect(group.count == order)
        #expect(Set(group.names).count == order)
        let all = Array(0..<Int32(order))
        for a in all {
            #expect(group.product(0, a) == a && group.product(a, 0) == a)
            #expect(Set(all.map { group.product(a, $0) }).count == order)
            for b in all.prefix(12) {
                for c in all.suffix(12) {
                    #expect(group.product(group.product(a, b), c) == group.product(a, group.product(b, c)))
                }
            }
        }
        let isAbelian = all.allSatisfy { a in all.allSatisfy { group.product(a, $0) == group.product($0, a) } }
        #expect(isAbelian == (kind == .cyclic))
    }

    @Test("Of two permutations the left one acts first")
    func convention() throws {
        let group = FiniteGroup(.symmetric, degree: 3)
        // 213 swaps 1 and 2, 132 swaps 2 and 3: 1 → 2 → 3, 2 → 1 → 1, 3 → 3 → 2.
        let swap = try #require(group.names.firstIndex(of: "213"))
        let other = try #require(group.names.firstIndex(of: "132"))
        #expect(group.names[Int(group.product(Int32(swap), Int32(other)))] == "312")
    }

    @Test("Prompts are different, of every length, and the canonical settings make them again")
    func prompts() throws {
        let world = try make(["kind": "reduce", "order": 3, "prompts": 20, "held-out": 5])
        #expect(
            world.settings.text == #"{"kind":"reduce","group":"symmetric","order":3,"lengths":[3,4,5],"prompts":20,"#
                + #""held-out":5,"error":0.2,"seed":0}"#)
        #expect(world.prompts.count == 60 && world.heldOutPrompts.count == 15)
        #expect(Set(world.prompts + world.heldOutPrompts).count == 75)
        #expect(Dictionary(grouping: world.prompts, by: \.tokens.count).mapValues(\.count) == [4: 20, 5: 20, 6: 20])
        #expect(try make(world.settings).prompts == world.prompts)
        let large = try make(["kind": "reduce", "group": "alternating", "order": 5, "lengths": [6]])
        #expect(Set(large.prompts + large.heldOutPrompts).count == 80)
        #expect(large.enumeration == nil)
    }

    @Test(
        "Where all prompts have one length, the enumeration is what the grammar allows, and its probabilities sum to 1")
    func enumeration() async throws {
        let world = try make(["kind": "reduce", "lengths": [4], "prompts": 10])
        let table = try #require(world.enumeration)
        #expect(Set(table.responses).count == 216)
        #expect(world.grammar == [Array(0..<6), Array(0..<6), Array(0..<6), [7]])
        #expect(world.maximumTokens == 4)
        for (index, prompt) in world.prompts.enumerated() {
            let logs = try #require(table.specifiedLogProbabilities?[index])
            #expect(abs(logs.reduce(0) { $0 + exp($1) } - 1) < 1e-12)
            #expect(try await world.gold(table.responses, to: prompt) == table.gold[index])
            // Whatever the first steps are, one last element in six is the truth.
            #expect(table.gold[index].reduce(0, +) == 36)
            let right = try #require(logs.firstIndex(of: logs.max() ?? 0))
            #expect(try world.stepsCorrect(table.responses[right], to: prompt) == 1)
            #expect(abs(logs[right] - 3 * log(0.8)) < 1e-12)
        }
        #expect(try make(["kind": "reduce", "lengths": [4], "error": 0]).enumeration?.specifiedLogProbabilities == nil)
    }

    @Test("Demonstrations err as often as is set, and go on from what they wrote")
    func demonstrations() async throws {
        let world = try make(["kind": "reduce", "group": "cyclic", "order": 97, "lengths": [5], "prompts": 4])
        var (steps, right) = (0.0, 0.0)
        for item in 0..<3000 {
            var stream = RandomStream(seed: 0, purpose: "test", item: UInt64(item))
            let prompt = world.prompts[item % 4]
            let response = try #require(try world.demonstration(of: prompt, &stream))
            steps += try world.stepsCorrect(response, to: prompt)
            right += try await world.gold([response], to: prompt)[0]
            #expect(response.tokens.count == 5)
        }
        #expect(abs(steps / 3000 - 0.8) < 0.015)
        // Two errors rarely mend each other modulo 97: about 0.8⁴.
        #expect(abs(right / 3000 - 0.4096) < 0.05)
    }

    @Test("Gold asks for the last element alone; steps are judged by what was written before them")
    func gold() async throws {
        let world = try make(["kind": "reduce", "group": "cyclic", "order": 10, "lengths": [3, 4]])
        let prompt = WorldPrompt(id: "p", tokens: [1, 2, 3, 4, 10], text: "1 2 3 4 =")
        #expect(world.maximumTokens == 4)
        func response(_ products: [Int32]) throws -> Response {
            Response(tokens: products + [11], text: try world.text(of: products + [11]))
        }
        let written = try [[3, 6, 0], [3, 7, 1], [4, 6, 0], [3, 0], [0]].map { try response($0) }
        #expect(try await world.gold(written, to: prompt) == [1, 0, 1, 1, 1])
        #expect(written[0].text == "3 6 0")
        let shares = try written.map { try world.stepsCorrect($0, to: prompt) }
        let thirds: [Double] = [3, 2, 1, 1, 0]
        #expect(shares == thirds.map { $0 / 3 })
        #expect(try world.stepsCorrect(try response([]), to: prompt) == 0)
        await #expect(throws: Diagnostic.self) {
            try await world.gold([Response(tokens: [10, 11], text: "")], to: prompt)
        }
    }

    @Test("More prompts than there are products is an error")
    func tooMany() throws {
        let error = #expect(throws: Diagnostic.self) { try make(["kind": "reduce", "lengths": [2], "prompts": 40]) }
        #expect(error?.category == .usage)
        #expect(throws: Diagnostic.self) { try make(["kind": "reduce", "lengths": [3, 3]]) }
        #expect(throws: Diagnostic.self) { try make(["kind": "reduce", "group": "alternating", "order": 2]) }
    }
}

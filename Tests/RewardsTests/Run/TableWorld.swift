import Diagnostics
import Experiment
import Foundation
import JSON
import Statistics

/// A world that is its own table: one-token responses, each prompt's answers in classes of equal probability that hold gold 0 to 1.
struct TableWorld: World {
    let prompts: [WorldPrompt]
    let table: Enumeration
    let vocabularySize: Int

    init(prompts count: Int, classes: Int, perClass: Int, binary: Bool = false, seed: UInt64 = 0) {
        let answers = classes * perClass
        vocabularySize = answers
        prompts = (0..<count).map { WorldPrompt(id: "p\($0)", tokens: [Int32($0)], text: "p\($0)") }
        var (gold, logs) = ([[Double]](), [[Double]]())
        let total = (0..<classes).reduce(0) { $0 + TableWorld.weight($1) }
        for prompt in 0..<count {
            var stream = RandomStream(seed: seed, purpose: "table", item: UInt64(prompt))
            let places = stream.permutation(answers)
            gold.append(
                places.map { place in
                    let rank = place % perClass
                    return binary ? (rank == 0 ? 1 : 0) : Double(rank) / Double(perClass - 1)
                })
            logs.append(places.map { TableWorld.log($0 / perClass, total: total, perClass: perClass) })
        }
        table = Enumeration(
            responses: (0..<answers).map { Response(tokens: [Int32($0)], text: "a\($0)") }, gold: gold,
            specifiedLogProbabilities: logs)
    }

    private static func weight(_ index: Int) -> Double { index == 0 ? 1 : 0.6 * weight(index - 1) }

    private static func log(_ index: Int, total: Double, perClass: Int) -> Double {
        Foundation.log(weight(index) / total / Double(perClass))
    }

    var kind: String { "table" }
    var settings: JSONValue { ["kind": "table"] }
    var heldOutPrompts: [WorldPrompt] { prompts }
    var grammar: [[Int32]] { [] }
    var endTokens: Set<Int32> { [] }
    var maximumTokens: Int { 1 }
    var goldRange: ClosedRange<Double> { 0...1 }
    var enumeration: Enumeration? { table }

    func text(of tokens: [Int32]) throws(Diagnostic) -> String { tokens.map { "a\($0)" }.joined(separator: " ") }

    func gold(_ responses: [Response], to prompt: WorldPrompt) async throws(Diagnostic) -> [Double] {
        let row = table.gold[Int(prompt.tokens[0])]
        return responses.map { row[Int($0.tokens[0])] }
    }

    func demonstration(of prompt: WorldPrompt, _ stream: inout RandomStream) throws(Diagnostic) -> Response? { nil }

    /// A group of responses to a prompt.
    func group(_ prompt: Int, _ tokens: [Int32], step: Int = 0) -> Group {
        Group(
            Group.Sampled(
                promptIndex: prompt, prompt: prompts[prompt], step: step,
                responses: tokens.map { Response(tokens: [$0], text: "a\($0)", logProbabilities: [-Double($0) - 1]) }))
    }
}

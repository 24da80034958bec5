import Testing

@testable import Benching

struct BatchPlanTests {
    @Test("Consecutive groups fill a batch up to the limit")
    func fills() {
        #expect(BatchPlan(tokens: [4, 4, 4, 2, 9], limit: 10).batches == [0..<2, 2..<4, 4..<5])
    }

    @Test("A group larger than the limit has a batch of its own")
    func oversized() {
        #expect(BatchPlan(tokens: [1, 50, 1], limit: 10).batches == [0..<1, 1..<2, 2..<3])
    }

    @Test("Groups without tokens are batched by their number")
    func withoutTokens() {
        #expect(
            BatchPlan(tokens: Array(repeating: 0, count: 600), limit: 10).batches == [0..<256, 256..<512, 512..<600])
    }

    @Test("No groups give no batches")
    func empty() { #expect(BatchPlan(tokens: [], limit: 10).batches.isEmpty) }

    @Test("Every group is in exactly one batch, in order, within the limit or alone", arguments: [1, 7, 64, 2048])
    func partition(limit: Int) {
        let tokens = (0..<1000).map { ($0 * 37) % 211 }
        let batches = BatchPlan(tokens: tokens, limit: limit).batches
        #expect(batches.flatMap(Array.init) == Array(0..<1000))
        for batch in batches {
            let sum = tokens[batch].reduce(0, +)
            #expect(sum <= limit || batch.count == 1, "\(batch)")
        }
    }
}

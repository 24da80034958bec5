import RealModule
import Statistics

/// How the next token is chosen.
public struct Sampling: Sendable, Hashable {
    /// 0: greedy, ties to the smallest id.
    public var temperature: Double
    /// Only the most likely `topK` tokens; `nil`: all.
    public var topK: Int?
    /// Only the fewest tokens whose probabilities reach `topP` together; 1: all.
    public var topP: Double
    /// Keys the random streams, with the sequence's number and the step.
    public var seed: UInt64

    public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.seed = seed
    }

    public static let greedy = Sampling(temperature: 0)

    /// Chooses from logits. The stream is keyed by (seed, step, item), so a sequence's draws depend on nothing else.
    func choose(_ logits: ArraySlice<Float>, step: Int, item: Int) -> Int32 {
        guard temperature > 0 else { return Int32(Self.argmax(logits)) }
        var stream = RandomStream(seed: seed, purpose: "generation", step: UInt64(step), item: UInt64(item))
        if topK == nil, topP == 1 { return chooseFromAll(logits, &stream) }
        let weights = truncated(weights(logits))
        var remaining = stream.uniform() * weights.reduce(0) { $0 + $1.weight }
        for (token, weight) in weights {
            remaining -= weight
            if remaining < 0 { return Int32(token) }
        }
        return Int32(weights.last?.token ?? 0)
    }

    /// The plain draw, without a list of weights.
    private func chooseFromAll(_ logits: ArraySlice<Float>, _ stream: inout RandomStream) -> Int32 {
        let top = Double(logits.max() ?? 0)
        let weights = logits.map { Double.exp((Double($0) - top) / temperature) }
        var remaining = stream.uniform() * weights.reduce(0, +)
        for (token, weight) in weights.enumerated() {
            remaining -= weight
            if remaining < 0 { return Int32(token) }
        }
        return Int32(weights.lastIndex { $0 > 0 } ?? 0)
    }

    private static func argmax(_ logits: ArraySlice<Float>) -> Int {
        var best = logits.startIndex
        for index in logits.indices where logits[index] > logits[best] { best = index }
        return best - logits.startIndex
    }

    private func weights(_ logits: ArraySlice<Float>) -> [(token: Int, weight: Double)] {
        let top = Double(logits.max() ?? 0)
        return logits.enumerated().map { ($0, Double.exp((Double($1) - top) / temperature)) }
    }

    private func truncated(_ weights: [(token: Int, weight: Double)]) -> [(token: Int, weight: Double)] {
        guard topK != nil || topP < 1 else { return weights }
        var sorted = weights.sorted { ($0.weight, $1.token) > ($1.weight, $0.token) }
        if let topK { sorted = Array(sorted.prefix(max(topK, 1))) }
        guard topP < 1 else { return sorted }
        let threshold = topP * sorted.reduce(0) { $0 + $1.weight }
        var reached = 0.0
        let end = sorted.firstIndex { entry in
            reached += entry.weight
            return reached >= threshold
        }
        return Array(sorted.prefix((end ?? sorted.count - 1) + 1))
    }
}

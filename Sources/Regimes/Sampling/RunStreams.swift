import Statistics

/// Where a run's draws come from. Arms of a study share the seed, and so the prompts of a step and the draws for each sample; the
/// A/A arm has another `variant`, which keys its sampling anew and nothing else.
public struct RunStreams: Sendable, Hashable {
    public var seed: UInt64
    /// 0 for the study's shared streams.
    public var variant: UInt64

    public init(seed: UInt64, variant: UInt64 = 0) {
        self.seed = seed
        self.variant = variant
    }

    /// The stream of a purpose at a step.
    public func stream(_ purpose: String, step: Int = 0, item: Int = 0) -> RandomStream {
        RandomStream(
            seed: seed &+ variant &* 0x9E37_79B9_7F4A_7C15, purpose: purpose, step: UInt64(step), item: UInt64(item))
    }

    /// A seed of its own for a purpose at a step.
    public func seed(_ purpose: String, step: Int = 0) -> UInt64 {
        var stream = stream(purpose, step: step)
        return stream.next()
    }

    /// Which prompts a step trains on: `count` of 0..<total, each pass over all of them in an order of its own.
    public func prompts(step: Int, count: Int, of total: Int) -> [Int] {
        (0..<count).map { place in
            let index = step * count + place
            let pass = stream("prompts", step: index / total)
            return Self.permuted(index % total, of: total, pass)
        }
    }

    private static func permuted(_ place: Int, of total: Int, _ stream: RandomStream) -> Int {
        var stream = stream
        return stream.permutation(total)[place]
    }
}

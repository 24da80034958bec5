/// What one run of an arm will take, as its settings tell before it is run.
public struct ArmCost: Sendable, Hashable {
    /// Updates of the policy.
    public var steps: Int
    /// Tokens to compute: generated, trained and metered.
    public var tokens: Int
    /// Floating-point operations.
    public var flops: Double
    /// The most memory that a worker will hold, in bytes.
    public var memory: Int

    public init(steps: Int, tokens: Int, flops: Double, memory: Int) {
        self.steps = steps
        self.tokens = tokens
        self.flops = flops
        self.memory = memory
    }
}

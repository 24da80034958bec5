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
    /// Floating-point operations of training reward models before the first step.
    public var preparation: Double

    /// All floating-point operations: how runs of a study are weighed against each other where it is told how much is done.
    public var work: Double { flops + preparation }

    public init(steps: Int, tokens: Int, flops: Double, memory: Int, preparation: Double = 0) {
        self.preparation = preparation
        self.steps = steps
        self.tokens = tokens
        self.flops = flops
        self.memory = memory
    }
}

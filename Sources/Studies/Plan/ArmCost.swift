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
    /// Floating-point operations of training reward models before the first step, by what is trained: runs of one seed that need the
    /// same have it once.
    public var preparations: [String: Double]

    public init(steps: Int, tokens: Int, flops: Double, memory: Int, preparations: [String: Double] = [:]) {
        self.preparations = preparations
        self.steps = steps
        self.tokens = tokens
        self.flops = flops
        self.memory = memory
    }

    /// All floating-point operations of a run of a seed: how runs of a study are weighed against each other where it is told how much
    /// is done.
    ///
    /// - Parameter made: what runs before it have made.
    func work(seed: Int, made: inout Set<String>) -> Double {
        preparations.reduce(flops) { made.insert("\($1.key) \(seed)").inserted ? $0 + $1.value : $0 }
    }
}

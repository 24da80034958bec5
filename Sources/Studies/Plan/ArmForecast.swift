/// What one run of an arm will take on this machine.
public struct ArmForecast: Sendable, Hashable {
    public var seconds: Double
    /// The most memory that its worker will hold, in bytes.
    public var memory: Int
    /// What is made before a run and kept for the other runs of the study that need the same; not in ``seconds``.
    public var preparations: [Preparation] = []

    /// A base policy or a reward model.
    public struct Preparation: Sendable, Hashable {
        /// Equal where the same thing is made.
        public var key: String
        public var seconds: Double
        /// Whether each seed has its own.
        public var isOfSeed: Bool

        public init(key: String, seconds: Double, isOfSeed: Bool) {
            self.key = key
            self.seconds = seconds
            self.isOfSeed = isOfSeed
        }
    }

    public init(seconds: Double, memory: Int) {
        self.seconds = seconds
        self.memory = memory
    }
}

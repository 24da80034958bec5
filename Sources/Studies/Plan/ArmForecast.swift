/// What one run of an arm will take on this machine.
public struct ArmForecast: Sendable, Hashable {
    public var seconds: Double
    /// The most memory that its worker will hold, in bytes.
    public var memory: Int

    public init(seconds: Double, memory: Int) {
        self.seconds = seconds
        self.memory = memory
    }
}

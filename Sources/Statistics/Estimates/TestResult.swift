/// The outcome of one hypothesis test.
public struct TestResult: Sendable, Hashable {
    /// What the test looked at; each test's documentation says what it is.
    public var statistic: Double
    public var pValue: Double
    public var method: String
    /// How many units of independence the test saw.
    public var n: Int

    public init(statistic: Double, pValue: Double, method: String, n: Int) {
        self.statistic = statistic
        self.pValue = pValue
        self.method = method
        self.n = n
    }
}

/// The side on which a test looks for an effect.
public enum Alternative: String, Sendable, Hashable, CaseIterable {
    case twoSided = "two-sided"
    case greater
    case less
}

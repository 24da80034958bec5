/// A number with how sure one may be of it.
public struct Estimate: Sendable, Hashable {
    public var point: Double
    /// `nil` where it cannot be estimated (one cluster, no variation) or means nothing (a ratio's set).
    public var standardError: Double?
    public var interval: Interval
    /// How many values went in.
    public var n: Int
    /// How many units of independence they came from.
    public var clusters: Int

    public init(point: Double, standardError: Double?, interval: Interval, n: Int, clusters: Int) {
        self.point = point
        self.standardError = standardError
        self.interval = interval
        self.n = n
        self.clusters = clusters
    }
}

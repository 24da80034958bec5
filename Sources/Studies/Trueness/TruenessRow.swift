import Diagnostics
import Statistics

/// What the instrument says of itself, measured: one line of docs/TRUENESS.md.
struct TruenessRow: Sendable, Hashable {
    /// What a measured number must satisfy.
    enum Promise: Sendable, Hashable {
        /// The share of intervals that hold the truth lies in these bounds.
        case coverage(ClosedRange<Double>)
        /// The share of misses or false alarms: its Monte Carlo interval does not lie above this.
        case atMost(Double)
        /// The mean error: its Monte Carlo interval at 99.9% holds 0 (there are many rows, and one in twenty would miss at 95%).
        case unbiased
        /// A width or a power, of which nothing was promised.
        case reported
    }

    var what: String
    var promise: Promise
    /// With the Monte Carlo interval, at 95%.
    var measured: Estimate
    var replicates: Int

    var holds: Bool {
        switch promise {
        case .coverage(let bounds): bounds.contains(measured.point)
        case .atMost(let limit): measured.interval.lower <= limit
        case .unbiased: measured.point.magnitude <= 3.29 * (measured.standardError ?? 0)
        case .reported: true
        }
    }

    /// Of a share, the replicates in which it happened.
    var hits: Int { Int((measured.point * Double(replicates)).rounded()) }

    /// A fixed-n interval at 95%.
    static let fixedN = Promise.coverage(0.93...0.97)
}

extension TruenessRow {
    /// A share of replicates, with Clopper and Pearson's interval.
    init(
        _ what: String, _ promise: Promise, hits: Int, of replicates: Int
    ) throws(Diagnostic) {
        self.init(
            what: what, promise: promise, measured: try clopperPearson(successes: hits, n: replicates),
            replicates: replicates)
    }
}

/// One part of docs/TRUENESS.md.
struct TruenessTable: Sendable {
    var title: String
    /// A few sentences: what was done, with what.
    var prose: String
    var rows: [TruenessRow] = []
}

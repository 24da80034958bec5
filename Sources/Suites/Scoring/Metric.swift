/// One line of a suite's table: what it is called, and how it is computed.
struct Metric: Sendable {
    var name: String
    var subset: String
    /// The subset's share in the composite, where it has one.
    var weight: Double?
    /// Whether the line is a detail that a table on a terminal leaves out.
    var isDetail = false
    var quantity: Quantity

    enum Quantity: Sendable {
        /// Σ weight · mean of the part's outcomes.
        case means([Part])
        /// mean|r⁺ − r⁻| over a standard deviation of the rewards.
        case normalizedMargin(items: [Int], Spread)
    }

    /// By what a margin is divided.
    enum Spread: Sendable {
        /// The standard deviation of all rewards (the published figure).
        case plain
        /// The standard deviation of the rewards after each prompt's own mean is taken out.
        case withinPrompt
    }

    /// A mean over outcomes, with its weight.
    struct Part: Sendable {
        var weight: Double = 1
        var measure: Measure
        /// What is measured together: places of items; usually one item a unit.
        var units: [[Int]]
    }

    /// Whether there is nothing to compute it from.
    var isEmpty: Bool {
        switch quantity {
        case .means(let parts): parts.isEmpty || parts.contains(where: \.units.isEmpty)
        case .normalizedMargin(let items, _): items.count < 2
        }
    }
}

extension Metric {
    /// A plain mean over units.
    static func mean(
        _ name: String, _ subset: String, _ measure: Measure, _ units: [[Int]], weight: Double? = nil,
        isDetail: Bool = false
    ) -> Metric {
        Metric(
            name: name, subset: subset, weight: weight, isDetail: isDetail,
            quantity: .means([Part(measure: measure, units: units)]))
    }

    /// A weighted sum of means; the weights are scaled to sum to one.
    static func weightedMean(
        _ name: String, _ subset: String, _ parts: [Part], weight: Double? = nil
    ) -> Metric {
        let total = parts.reduce(0) { $0 + $1.weight }
        let scaled = parts.map { Part(weight: $0.weight / total, measure: $0.measure, units: $0.units) }
        return Metric(name: name, subset: subset, weight: weight, quantity: .means(scaled))
    }
}

/// How the scores of a response's steps become the response's score.
public enum StepReduction: String, Sendable, Hashable, CaseIterable {
    case product, minimum, last, mean

    /// - Parameter steps: the steps' scores in order; NaN where there are none, except for a product, which is 1.
    public func callAsFunction(_ steps: [Double]) -> Double {
        switch self {
        case .product: steps.reduce(1, *)
        case .minimum: steps.min() ?? .nan
        case .last: steps.last ?? .nan
        case .mean: steps.reduce(0, +) / Double(steps.count)
        }
    }
}

import Diagnostics

/// The operators that compare two values.
enum ComparisonOperator: String {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"

    /// Whether the comparison holds.
    func holds(
        _ left: TemplateValue, _ right: TemplateValue, _ budget: TemplateBudget
    ) throws(Diagnostic) -> Bool {
        switch self {
        case .equal: try left.isEqual(to: right, budget)
        case .notEqual: try !left.isEqual(to: right, budget)
        case .less: try left.isLess(than: right, budget)
        case .greater: try right.isLess(than: left, budget)
        case .lessOrEqual: try holdsOrEqual(left, right, budget)
        case .greaterOrEqual: try holdsOrEqual(right, left, budget)
        case .isIn: try right.contains(left, budget)
        case .isNotIn: try !right.contains(left, budget)
        }
    }

    /// `<=`, which is not the negation of `>` where a number is not a number.
    private func holdsOrEqual(
        _ left: TemplateValue, _ right: TemplateValue, _ budget: TemplateBudget
    ) throws(Diagnostic) -> Bool {
        if try left.isLess(than: right, budget) { return true }
        return try left.isEqual(to: right, budget)
    }
}

import Diagnostics

/// The operators of Python that an expression may use between two values.
enum ArithmeticOperator: String {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
}

extension TemplateValue {
    /// Applies an operator as Python does.
    func applying(
        _ sign: ArithmeticOperator, _ other: TemplateValue, _ budget: TemplateBudget
    ) throws(Diagnostic) -> TemplateValue {
        if let left = number, let right = other.number { return try Self.apply(sign, left, right).value }
        switch (sign, self, other) {
        case (.remainder, .string(let format), _):
            return .string(try PercentFormatter(format, budget).format(other))
        case (_, .undefined(let undefined), _), (_, _, .undefined(let undefined)): throw undefined.failure
        case (.add, _, _): return try adding(other, budget)
        case (.multiply, _, _): return try multiplied(by: other, budget)
        default: throw mismatch(sign, other)
        }
    }

    private static func apply(
        _ sign: ArithmeticOperator, _ left: TemplateNumber, _ right: TemplateNumber
    ) throws(Diagnostic) -> TemplateNumber {
        switch sign {
        case .add: try left + right
        case .subtract: try left - right
        case .multiply: try left * right
        case .divide: try left / right
        case .floorDivide: try left.quotientAndRemainder(dividingBy: right).quotient
        case .remainder: try left.quotientAndRemainder(dividingBy: right).remainder
        case .power: try left.power(right)
        }
    }

    private func adding(_ other: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> TemplateValue {
        try budget.spend(bytes: shallowBytes)
        try budget.spend(bytes: other.shallowBytes)
        switch (self, other) {
        case (.string(let left), .string(let right)): return .string(left + right)
        case (.list(let left), .list(let right)): return .list(try TemplateElements(left.values + right.values))
        case (.tuple(let left), .tuple(let right)): return .tuple(try TemplateElements(left.values + right.values))
        default: throw mismatch(.add, other)
        }
    }

    private func multiplied(by other: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> TemplateValue {
        guard let count = other.integer else {
            guard integer != nil, other.integer == nil, other.isRepeatable else { throw mismatch(.multiply, other) }
            return try other.multiplied(by: self, budget)
        }
        try budget.spend(bytes: shallowBytes, times: count)
        switch self {
        case .string(let string):
            return .string(
                TemplateString(String(repeating: string.text, count: max(0, count)), isMarkup: string.isMarkup))
        case .list(let elements): return .list(try elements.repeated(count))
        case .tuple(let elements): return .tuple(try elements.repeated(count))
        default: throw mismatch(.multiply, other)
        }
    }

    private var isRepeatable: Bool {
        switch self {
        case .string, .list, .tuple: true
        default: false
        }
    }

    private func mismatch(_ sign: ArithmeticOperator, _ other: TemplateValue) -> Diagnostic {
        .template("'\(sign.rawValue)' does not work between values of types '\(typeName)' and '\(other.typeName)'")
    }

    /// Unary `-` or `+`.
    func signed(isNegated: Bool) throws(Diagnostic) -> TemplateValue {
        if case .undefined(let undefined) = self { throw undefined.failure }
        guard let number else {
            throw .template("a value of type '\(typeName)' has no sign")
        }
        return isNegated ? try number.negated.value : number.value
    }
}

extension TemplateElements {
    fileprivate func repeated(_ count: Int) throws(Diagnostic) -> TemplateElements {
        guard !values.isEmpty, count > 0 else { return .empty }
        return try TemplateElements(Array(repeatElement(values, count: count).joined()))
    }
}

extension TemplateString {
    /// Text added to safe HTML is escaped first, on either side.
    static func + (left: TemplateString, right: TemplateString) -> TemplateString {
        guard left.isMarkup || right.isMarkup else { return TemplateString(left.text + right.text) }
        return TemplateString(left.escaped.text + right.escaped.text, isMarkup: true)
    }
}

import Diagnostics

/// Python's `<` and its kin.
extension TemplateValue {
    /// Whether the value comes before another in Python's order.
    ///
    /// - Throws: where the types have no order between them, as text and numbers.
    func isLess(than other: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)):
            try budget.spend(steps: min(left.weight, right.weight))
            return left < right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            return try Self.isLess(left.values, right.values, budget)
        default:
            guard let left = number, let right = other.number else { throw orderFailure(with: other) }
            return left < right
        }
    }

    /// The order of the first elements that differ, else of the lengths.
    static func isLess(
        _ left: [TemplateValue], _ right: [TemplateValue], _ budget: TemplateBudget
    ) throws(Diagnostic) -> Bool {
        for (left, right) in zip(left, right) where try !left.isEqual(to: right, budget) {
            return try left.isLess(than: right, budget)
        }
        return left.count < right.count
    }

    /// `==`, paid for.
    func isEqual(to other: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> Bool {
        try budget.spend(steps: min(measure.weight, other.measure.weight))
        return self == other
    }

    private func orderFailure(with other: TemplateValue) -> Diagnostic {
        if case .undefined(let undefined) = self { return undefined.failure }
        if case .undefined(let undefined) = other { return undefined.failure }
        return .template("values of types '\(typeName)' and '\(other.typeName)' have no order")
    }

    /// Python's `in`: an element of a sequence, a key of a dictionary, a part of a string.
    func contains(_ element: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> Bool {
        try budget.spend(steps: shallowWeight)
        try budget.spend(steps: element.measure.weight)
        switch self {
        case .string(let string):
            guard case .string(let part) = element else {
                throw .template("only text can be looked for in text, not a value of type '\(element.typeName)'")
            }
            return string.firstRange(of: part) != nil
        case .dictionary(let dictionary): return try dictionary.contains(element)
        case .view(let view) where view.part == .keys: return try view.dictionary.contains(element)
        default: return try holdsElement(element, budget)
        }
    }

    private func holdsElement(_ element: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> Bool {
        let iterator = try requireIterator()
        while let value = try iterator.next() {
            if try value.isEqual(to: element, budget) { return true }
        }
        return false
    }
}

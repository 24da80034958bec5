/// Python's `==` and hash: numbers and booleans of equal value are equal whatever their types.
extension TemplateValue: Hashable {
    static func == (left: TemplateValue, right: TemplateValue) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): true
        case (.string(let left), .string(let right)): left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)): left.values == right.values
        case (.dictionary(let left), .dictionary(let right)): left.holdsSame(as: right)
        case (.view(let left), .view(let right)): left.isEqual(to: right)
        case (.range(let left), .range(let right)): left == right
        case (.iterator(let left), .iterator(let right)): left === right
        case (.object(let left), .object(let right)): left === right
        default: left.number.flatMap { left in right.number.map { left == $0 } } ?? false
        }
    }

    func hash(into hasher: inout Hasher) {
        switch self {
        case .undefined: hasher.combine(1)
        case .none: hasher.combine(2)
        case .bool, .integer, .float: hasher.combine(number)
        case .string(let string): hasher.combine(string)
        case .list(let elements), .tuple(let elements): hasher.combine(elements.values)
        case .dictionary(let dictionary): hasher.combine(dictionary.count)
        case .view(let view): hasher.combine(view.dictionary.count)
        case .range(let range): hasher.combine(range)
        case .iterator(let iterator): hasher.combine(ObjectIdentifier(iterator))
        case .object(let object): hasher.combine(ObjectIdentifier(object))
        }
    }
}

extension DictionaryView {
    /// Keys and items compare as sets; values are never equal.
    fileprivate func isEqual(to other: DictionaryView) -> Bool {
        switch (part, other.part) {
        case (.keys, .keys): dictionary.hasSameKeys(as: other.dictionary)
        case (.items, .items): dictionary.holdsSame(as: other.dictionary)
        default: false
        }
    }
}

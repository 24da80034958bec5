import Diagnostics

/// What Python calls an iterator: elements that come one at a time, once, and are computed when they are asked for.
final class TemplateIterator {
    typealias Next = () throws(Diagnostic) -> TemplateValue?

    let measure: Measure
    private let produce: Next

    /// - Parameter sources: what the elements come from, whose depth the iterator adds to.
    init(over sources: [TemplateValue] = [], _ produce: @escaping Next) throws(Diagnostic) {
        var measure = Measure()
        for source in sources { measure.add(source.measure) }
        try measure.check()
        self.measure = measure
        self.produce = produce
    }

    /// An iterator over elements that are already there.
    convenience init(_ values: some Sequence<TemplateValue>, of source: TemplateValue = .none) throws(Diagnostic) {
        var iterator = values.makeIterator()
        try self.init(over: [source]) { () throws(Diagnostic) in iterator.next() }
    }

    func next() throws(Diagnostic) -> TemplateValue? { try produce() }

    /// The elements that are left.
    func rest(_ budget: TemplateBudget) throws(Diagnostic) -> [TemplateValue] {
        var values: [TemplateValue] = []
        while let value = try next() {
            try budget.spend(steps: 1, bytes: 32)
            values.append(value)
        }
        return values
    }
}

extension TemplateValue {
    /// An iterator over the value's elements, or `nil` where Python's `iter` fails.
    func iterated() throws(Diagnostic) -> TemplateIterator? {
        switch self {
        case .iterator(let iterator): return iterator
        case .object(let object): return try object.iterated()
        case .range(let range): return try TemplateIterator((0..<range.count).lazy.map { .integer(range[$0]) })
        case .string(let string): return try string.iterated()
        default: return try sized().map { (values) throws(Diagnostic) in try TemplateIterator(values, of: self) }
        }
    }

    /// The elements of a value that holds them all; `nil` for others.
    private func sized() throws(Diagnostic) -> [TemplateValue]? {
        switch self {
        case .undefined: []
        case .list(let elements), .tuple(let elements): elements.values
        case .dictionary(let dictionary): dictionary.keys
        case .view(let view): try view.elements()
        default: nil
        }
    }

    /// An iterator over the value's elements.
    func requireIterator() throws(Diagnostic) -> TemplateIterator {
        guard let iterator = try iterated() else { throw notIterable }
        return iterator
    }

    /// All the elements; an iterator is used up.
    func elements(_ budget: TemplateBudget) throws(Diagnostic) -> [TemplateValue] {
        if let values = try sized() {
            try budget.spend(steps: values.count)
            return values
        }
        return try requireIterator().rest(budget)
    }

    /// The elements from the last to the first, or `nil` where Python's `reversed` fails.
    func reversedElements(_ budget: TemplateBudget) throws(Diagnostic) -> [TemplateValue]? {
        switch self {
        case .iterator, .object: nil
        default: try iterated() == nil ? nil : try elements(budget).reversed()
        }
    }

    private var notIterable: Diagnostic { .template("a value of type '\(typeName)' cannot be iterated over") }
}

extension TemplateString {
    /// The code points, which are plain strings even where the text is marked as safe.
    fileprivate func iterated() throws(Diagnostic) -> TemplateIterator {
        try TemplateIterator(text.unicodeScalars.lazy.map { .string(TemplateString(CollectionOfOne($0))) })
    }
}

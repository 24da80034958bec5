import Diagnostics

extension TemplateValue {
    /// `value.name`: what Python's type offers under the name comes before a dictionary's own key.
    func member(_ name: String) throws(Diagnostic) -> TemplateValue {
        if let attribute = try builtInAttribute(name) { return attribute }
        if case .dictionary(let dictionary) = self, let value = dictionary[name] { return value }
        return .undefined(.attribute(name, of: typeName))
    }

    /// `value[key]`: a dictionary's own key comes before what Python's type offers under the name.
    func element(_ key: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> TemplateValue {
        if case .undefined(let undefined) = self { throw undefined.failure }
        try budget.spend(steps: key.measure.weight)
        // Code points are counted to find one.
        if case .string(let string) = self { try budget.spend(steps: string.weight) }
        if let value = try item(key) { return value }
        guard case .string(let name) = key else { return .undefined(.element(of: typeName)) }
        return try builtInAttribute(name.text) ?? .undefined(.attribute(name.text, of: typeName))
    }

    /// What Python's `value[key]` gives, or `nil` where it raises a lookup or type error.
    private func item(_ key: TemplateValue) throws(Diagnostic) -> TemplateValue? {
        switch self {
        case .dictionary(let dictionary): return key.isHashable ? try dictionary.value(of: key) : nil
        case .list(let elements), .tuple(let elements):
            return key.integer.flatMap { Self.position($0, in: elements.values.count) }.map { elements.values[$0] }
        case .range(let range):
            return key.integer.flatMap { Self.position($0, in: range.count) }.map { .integer(range[$0]) }
        case .string(let string): return key.integer.flatMap { string.element($0) }.map { .string($0) }
        default: return nil
        }
    }

    /// An index counted from the end where it is negative; `nil` where it is out of range.
    fileprivate static func position(_ index: Int, in count: Int) -> Int? {
        let position = index < 0 ? index + count : index
        return (0..<count).contains(position) ? position : nil
    }

    /// What a value's type itself offers under a name: methods of Python's types, attributes of objects.
    ///
    /// What the sandbox hides is undefined here too; what the interpreter lacks is an error.
    func builtInAttribute(_ name: String) throws(Diagnostic) -> TemplateValue? {
        if case .undefined(let undefined) = self { throw undefined.failure }
        if name.hasPrefix("__"), name.hasSuffix("__") {
            return .undefined(.because("access to attribute '\(name)' of a value of type '\(typeName)' is unsafe"))
        }
        if case .object(let object) = self { return try object.attribute(name) }
        guard let methods = MethodTable.table(of: self) else { return nil }
        if let method = methods.methods[name] {
            return .object(BoundMethod(name: name, receiver: self, function: method))
        }
        if methods.unsafe.contains(name) {
            return .undefined(.because("the template may not change a value with '\(name)'"))
        }
        guard !methods.unsupported.contains(name) else {
            throw .unsupported("'\(name)' of a value of type '\(typeName)'")
        }
        return nil
    }
}

extension TemplateString {
    /// The code point at an index that counts from the end where it is negative.
    fileprivate func element(_ index: Int) -> TemplateString? {
        let view = text.unicodeScalars
        let (start, limit) = index < 0 ? (view.endIndex, view.startIndex) : (view.startIndex, view.endIndex)
        guard let place = view.index(start, offsetBy: index, limitedBy: limit), place != view.endIndex else {
            return nil
        }
        return TemplateString(CollectionOfOne(view[place]), isMarkup: isMarkup)
    }
}

/// The three parts of a slice, `nil` where one is left out.
struct SliceBounds {
    var start: Int?
    var stop: Int?
    var step: Int?

    /// The positions that the slice takes from a sequence, in order: `count` of them from `first` on, none at `end`.
    struct Positions {
        let first: Int
        let end: Int
        let step: Int
        let count: Int
    }

    /// The positions that the slice takes from a sequence of `count` elements.
    func positions(in count: Int) throws(Diagnostic) -> Positions {
        let step = step ?? 1
        guard step != 0 else { throw .template("a slice needs a step other than 0") }
        let (low, high) = step > 0 ? (0, count) : (-1, count - 1)
        let first = clamp(start, in: count, low, high) ?? (step > 0 ? low : high)
        let last = clamp(stop, in: count, low, high) ?? (step > 0 ? high : low)
        let distance = step > 0 ? last - first : first - last
        let length = distance <= 0 ? 0 : Int((UInt(distance) - 1) / step.magnitude) + 1
        return Positions(first: first, end: last, step: step, count: length)
    }

    private func clamp(_ index: Int?, in count: Int, _ low: Int, _ high: Int) -> Int? {
        guard let index else { return nil }
        return min(max(index < 0 ? index &+ count : index, low), high)
    }

    fileprivate func take<Element>(_ elements: [Element]) throws(Diagnostic) -> [Element] {
        let taken = try positions(in: elements.count)
        if taken.step == 1 { return Array(elements[taken.first...].prefix(taken.count)) }
        return (0..<taken.count).map { elements[taken.first &+ $0 &* taken.step] }
    }
}

extension TemplateValue {
    /// `value[start:stop:step]`.
    func sliced(_ bounds: SliceBounds, _ budget: TemplateBudget) throws(Diagnostic) -> TemplateValue {
        try budget.spend(steps: shallowWeight, bytes: shallowBytes)
        switch self {
        case .undefined(let undefined): throw undefined.failure
        case .list(let elements): return .list(try TemplateElements(try bounds.take(elements.values)))
        case .tuple(let elements): return .tuple(try TemplateElements(try bounds.take(elements.values)))
        case .string(let string):
            return .string(TemplateString(try bounds.take(string.scalars), isMarkup: string.isMarkup))
        case .range(let range): return .range(try range.sliced(bounds))
        default: throw .template("a value of type '\(typeName)' cannot be sliced")
        }
    }
}

extension TemplateRange {
    fileprivate func sliced(_ bounds: SliceBounds) throws(Diagnostic) -> TemplateRange {
        let taken = try bounds.positions(in: count)
        let (step, overflow) = step.multipliedReportingOverflow(by: taken.step)
        guard !overflow else { throw TemplateNumber.overflow }
        return try TemplateRange(start: self[taken.first], stop: self[taken.end], step: step)
    }
}

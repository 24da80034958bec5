import Diagnostics

/// The filters that take sequences apart.
extension FilterTable {
    static let sequenceFilters: [String: NativeFunction] = [
        "batch": NativeFunction(["linecount", "fill_with"], required: 1, batch),
        "count": NativeFunction(length),
        "first": NativeFunction(first),
        "items": NativeFunction(items),
        "last": NativeFunction(last),
        "length": NativeFunction(length),
        "list": NativeFunction { (call) throws(Diagnostic) in
            .list(try TemplateElements(try call.subject.elements(call.budget)))
        },
        "reverse": NativeFunction(reverse),
        "slice": NativeFunction(["slices", "fill_with"], required: 1, slice),
    ]

    private static func length(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        if let length = call.subject.length { return .integer(length) }
        if case .object(let loop as LoopContext) = call.subject { return .integer(try loop.length()) }
        throw .template("a value of type '\(call.subject.typeName)' has no length")
    }

    private static func first(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        try call.subject.requireIterator().next() ?? .undefined(.because("there is no first item in an empty sequence"))
    }

    private static func last(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard let values = try call.subject.reversedElements(call.budget) else {
            throw .template("a value of type '\(call.subject.typeName)' has no last item")
        }
        return values.first ?? .undefined(.because("there is no last item in an empty sequence"))
    }

    private static func items(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        switch call.subject {
        case .undefined: return .iterator(try TemplateIterator([]))
        case .dictionary(let dictionary):
            return .iterator(try TemplateIterator(try dictionary.pairs(), of: call.subject))
        default:
            // The generator fails when it is first asked for an element, not before.
            let failure = Diagnostic.template(
                "'items' needs a dictionary, not a value of type '\(call.subject.typeName)'")
            return .iterator(try TemplateIterator { () throws(Diagnostic) in throw failure })
        }
    }

    private static func reverse(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        if case .string(let string) = call.subject {
            try call.budget.spend(steps: string.weight)
            return .string(TemplateString(string.text.unicodeScalars.reversed(), isMarkup: string.isMarkup))
        }
        if let values = try call.subject.reversedElements(call.budget) {
            return .iterator(try TemplateIterator(values, of: call.subject))
        }
        return .list(try TemplateElements(try call.subject.elements(call.budget).reversed()))
    }

    private static func batch(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let size = try call.size(0)
        let values = try call.subject.elements(call.budget)
        // Python's generator never finds its buffer full where the size is not positive, but for an empty one at 0.
        let stride = size > 0 ? size : max(1, values.count)
        var batches = Swift.stride(from: 0, to: values.count, by: stride).map {
            Array(values[$0..<min($0 + stride, values.count)])
        }
        if size == 0, !values.isEmpty { batches.insert([], at: 0) }
        if let fill = call[1], !fill.isNone, let count = batches.last?.count, count < size {
            try call.budget.spend(bytes: 32, times: size - count)
            batches[batches.count - 1] += Array(repeating: fill, count: size - count)
        }
        return try iterator(batches, call)
    }

    private static func slice(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let count = try call.size(0)
        let values = try call.subject.elements(call.budget)
        guard count != 0 else { throw .template("division by zero") }
        try call.budget.spend(steps: max(0, count), bytes: 64 * max(0, min(count, 1 << 32)))
        guard count > 0 else { return try iterator([], call) }
        let (size, longer) = values.count.quotientAndRemainder(dividingBy: count)
        var (slices, start): ([[TemplateValue]], Int) = ([], 0)
        for index in 0..<count {
            let end = start + size + (index < longer ? 1 : 0)
            var part = Array(values[start..<end])
            if let fill = call[1], !fill.isNone, index >= longer { part.append(fill) }
            slices.append(part)
            start = end
        }
        return try iterator(slices, call)
    }

    private static func iterator(_ parts: [[TemplateValue]], _ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        var lists: [TemplateValue] = []
        for part in parts { lists.append(.list(try TemplateElements(part))) }
        return .iterator(try TemplateIterator(lists, of: call.subject))
    }
}

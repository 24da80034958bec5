import Diagnostics

/// The methods that look for text in a string.
extension MethodTable {
    static let searchMethods: [String: NativeFunction] = [
        "count": NativeFunction(.positional(1...3), count),
        "endswith": NativeFunction(.positional(1...3)) { (call) throws(Diagnostic) in
            try hasEnd(call) { $0.hasSuffix($1) }
        },
        "find": NativeFunction(.positional(1...3)) { (call) throws(Diagnostic) in .integer(try find(call) ?? -1) },
        "index": NativeFunction(.positional(1...3)) { (call) throws(Diagnostic) in .integer(try require(find(call))) },
        "rfind": NativeFunction(.positional(1...3)) { (call) throws(Diagnostic) in
            .integer(try find(call, isFromEnd: true) ?? -1)
        },
        "rindex": NativeFunction(.positional(1...3)) { (call) throws(Diagnostic) in
            .integer(try require(find(call, isFromEnd: true)))
        },
        "startswith": NativeFunction(.positional(1...3)) { (call) throws(Diagnostic) in
            try hasEnd(call) { $0.hasPrefix($1) }
        },
    ]

    private static func require(_ position: Int?) throws(Diagnostic) -> Int {
        guard let position else { throw .template("the text looked for is not in the string") }
        return position
    }

    /// The part of the receiver between the two optional indices after the first argument, and where it begins;
    /// `nil` where it begins beyond the end.
    private static func window(_ call: NativeCall) throws(Diagnostic) -> (part: TemplateString, start: Int)? {
        let string = try call.receiver
        let start = try index(call, 1)
        let stop = try index(call, 2)
        guard start != nil || stop != nil else { return (string, 0) }
        let scalars = string.scalars
        let bounds = SliceBounds(start: start, stop: stop, step: 1)
        let taken = try bounds.positions(in: scalars.count)
        guard (start ?? 0) <= scalars.count, taken.count > 0 || isOrdered(bounds, scalars.count) else { return nil }
        return (TemplateString(scalars[taken.first...].prefix(taken.count)), taken.first)
    }

    /// Whether a window without width begins no later than it ends, so that empty text is found in it.
    private static func isOrdered(_ bounds: SliceBounds, _ count: Int) -> Bool {
        func place(_ index: Int) -> Int { index < 0 ? max(0, index &+ count) : index }
        return place(bounds.start ?? 0) <= min(count, place(bounds.stop ?? count))
    }

    private static func index(_ call: NativeCall, _ parameter: Int) throws(Diagnostic) -> Int? {
        guard let value = call[parameter], !value.isNone else { return nil }
        return try call.integer(parameter)
    }

    private static func find(_ call: NativeCall, isFromEnd: Bool = false) throws(Diagnostic) -> Int? {
        let wanted = try call.string(0)
        guard let (part, start) = try window(call) else { return nil }
        guard let match = isFromEnd ? part.lastRange(of: wanted) : part.firstRange(of: wanted) else { return nil }
        return start + part.parts([0..<match.lowerBound])[0].count
    }

    private static func count(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let wanted = try call.string(0)
        guard let (part, _) = try window(call) else { return .integer(0) }
        return .integer(wanted.isEmpty ? part.count + 1 : part.ranges(of: wanted).count)
    }

    private static func hasEnd(
        _ call: NativeCall, _ isMatch: (TemplateString, TemplateString) -> Bool
    ) throws(Diagnostic) -> TemplateValue {
        let candidates: [TemplateValue]
        if case .tuple(let elements) = try call.value(0) {
            candidates = elements.values
        } else {
            candidates = [try call.value(0)]
        }
        let part = try window(call)?.part
        for candidate in candidates {
            guard case .string(let candidate) = candidate else {
                throw call.mismatch(candidate, "a string or a tuple of strings")
            }
            if let part, isMatch(part, candidate) { return .bool(true) }
        }
        return .bool(false)
    }
}

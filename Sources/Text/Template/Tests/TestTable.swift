import Diagnostics

/// The tests by name, as they stand after `is`.
enum TestTable {
    static let tests: [String: NativeFunction] = [
        typeTests, valueTests, comparisonTests,
    ].reduce(into: [:]) { $0.merge($1) { $1 } }

    /// Applies a test that was named by a template, or by an argument of a filter.
    static func apply(
        _ name: String, to subject: TemplateValue, _ arguments: CallArguments, in renderer: TemplateRenderer
    ) throws(Diagnostic) -> TemplateValue {
        guard let test = tests[name] else { throw .unsupported("the test '\(name)'") }
        return try test.call(name, on: subject, arguments, in: renderer)
    }

    private static func testing(_ test: @escaping @Sendable (TemplateValue) -> Bool) -> NativeFunction {
        NativeFunction { (call) throws(Diagnostic) in .bool(test(call.subject)) }
    }

    private static let typeTests: [String: NativeFunction] = [
        "boolean": testing { if case .bool = $0 { true } else { false } },
        "callable": testing(\.isCallable),
        "defined": testing { !$0.isUndefined },
        "escaped": testing { $0.string?.isMarkup ?? false },
        "false": testing { if case .bool(false) = $0 { true } else { false } },
        "float": testing { if case .float = $0 { true } else { false } },
        "integer": testing { if case .integer = $0 { true } else { false } },
        "iterable": NativeFunction { (call) throws(Diagnostic) in .bool(try call.subject.iterated() != nil) },
        "mapping": testing { if case .dictionary = $0 { true } else { false } },
        "none": testing(\.isNone),
        "number": testing { $0.number != nil },
        "sequence": testing(\.isSequence),
        "string": testing { $0.string != nil },
        "true": testing { if case .bool(true) = $0 { true } else { false } },
        "undefined": testing(\.isUndefined),
    ]

    private static let valueTests: [String: NativeFunction] = [
        "divisibleby": NativeFunction(["num"], required: 1) { (call) throws(Diagnostic) in
            try remainder(call, by: try call.value(0), is: 0)
        },
        "even": NativeFunction { (call) throws(Diagnostic) in try remainder(call, by: .integer(2), is: 0) },
        "filter": NativeFunction { (call) throws(Diagnostic) in try isKnown(call, in: FilterTable.filters) },
        "lower": NativeFunction { (call) throws(Diagnostic) in
            .bool(try call.subject.text(call.budget).unicodeScalars.isPythonLowercase)
        },
        "odd": NativeFunction { (call) throws(Diagnostic) in try remainder(call, by: .integer(2), is: 1) },
        "sameas": NativeFunction(["other"], required: 1, isSame),
        "test": NativeFunction { (call) throws(Diagnostic) in try isKnown(call, in: tests) },
        "upper": NativeFunction { (call) throws(Diagnostic) in
            .bool(try call.subject.text(call.budget).unicodeScalars.isPythonUppercase)
        },
    ]

    private static func remainder(
        _ call: NativeCall, by divisor: TemplateValue, is wanted: Int
    ) throws(Diagnostic) -> TemplateValue {
        .bool(try call.subject.applying(.remainder, divisor, call.budget) == .integer(wanted))
    }

    /// What jinja2 has and this interpreter lacks cannot be answered either way.
    private static func isKnown(_ call: NativeCall, in table: [String: NativeFunction]) throws(Diagnostic)
        -> TemplateValue
    {
        guard case .string(let name) = call.subject, table[name.text] == nil else {
            try call.subject.requireHashable()
            return .bool(call.subject.string != nil)
        }
        guard !lacking.contains(name.text) else { throw .unsupported("the filter '\(name.text)'") }
        return .bool(false)
    }

    private static let lacking: Set<String> = [
        "filesizeformat", "groupby", "pprint", "random", "striptags", "urlencode", "urlize", "wordwrap", "xmlattr",
    ]

    /// Identity is known of what Python keeps once, of objects, and of values that are not even equal.
    private static func isSame(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let other = try call.value(0)
        guard call.subject.typeName == other.typeName, try call.subject.isEqual(to: other, call.budget) else {
            return .bool(false)
        }
        switch call.subject {
        case .none, .bool, .object, .iterator: return .bool(true)
        case .integer(let value) where (-5...256).contains(value): return .bool(true)
        default: throw .unsupported("the test 'sameas' between equal values of type '\(other.typeName)'")
        }
    }
}

extension TestTable {
    private static let comparisonTests: [String: NativeFunction] = [
        "!=": comparing(.notEqual), "ne": comparing(.notEqual),
        "<": comparing(.less), "lessthan": comparing(.less), "lt": comparing(.less),
        "<=": comparing(.lessOrEqual), "le": comparing(.lessOrEqual),
        "==": comparing(.equal), "eq": comparing(.equal), "equalto": comparing(.equal),
        ">": comparing(.greater), "greaterthan": comparing(.greater), "gt": comparing(.greater),
        ">=": comparing(.greaterOrEqual), "ge": comparing(.greaterOrEqual),
        "in": NativeFunction(["seq"], required: 1) { (call) throws(Diagnostic) in
            .bool(try ComparisonOperator.isIn.holds(call.subject, try call.value(0), call.budget))
        },
    ]

    private static func comparing(_ sign: ComparisonOperator) -> NativeFunction {
        NativeFunction(.positional(1...1)) { (call) throws(Diagnostic) in
            .bool(try sign.holds(call.subject, try call.value(0), call.budget))
        }
    }
}

extension TemplateValue {
    /// Whether the value has a length and can be subscripted.
    fileprivate var isSequence: Bool {
        switch self {
        case .undefined, .string, .list, .tuple, .dictionary, .range: true
        default: false
        }
    }

    var isCallable: Bool {
        switch self {
        case .undefined: true
        case .object(let object): object.isCallable
        default: false
        }
    }
}

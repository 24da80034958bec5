import Diagnostics

extension MethodTable {
    static let string = MethodTable(
        methods: [caseMethods, partMethods, searchMethods, paddingMethods, classMethods, formatMethods]
            .reduce(into: [:]) { $0.merge($1) { $1 } },
        unsupported: ["encode", "maketrans", "translate"])

    /// A method that makes a text from a text.
    static func mapping(
        _ map: @escaping @Sendable (String) -> String
    ) -> NativeFunction {
        NativeFunction { (call) throws(Diagnostic) in
            let string = try call.receiver
            return .string(TemplateString(map(string.text), isMarkup: string.isMarkup))
        }
    }

    private static let caseMethods: [String: NativeFunction] = [
        "capitalize": mapping(\.pythonCapitalized),
        "casefold": NativeFunction(casefold),
        "lower": mapping(\.pythonLowercased),
        "swapcase": mapping(\.pythonSwappedCase),
        "title": mapping(\.pythonTitled),
        "upper": mapping(\.pythonUppercased),
    ]

    /// Full case folding needs a table that the standard library does not offer; of ASCII it is lower case.
    private static func casefold(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        guard string.text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .unsupported("'casefold' of text beyond ASCII") }
        return .string(TemplateString(string.text.pythonLowercased, isMarkup: string.isMarkup))
    }

    private static let formatMethods: [String: NativeFunction] = [
        "format": NativeFunction(.any, format),
        "format_map": NativeFunction(.positional(1...1), formatMap),
    ]

    private static func format(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        guard !string.isMarkup else { throw .unsupported("'format' of text marked as safe") }
        let named = try call.arguments.namedDictionary()
        return .string(try BraceFormatter(call.arguments.positional, named, call.budget).format(string.text))
    }

    private static func formatMap(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        guard !string.isMarkup else { throw .unsupported("'format_map' of text marked as safe") }
        guard case .dictionary(let named) = try call.value(0) else {
            throw call.mismatch(try call.value(0), "a dictionary")
        }
        return .string(try BraceFormatter([], named, call.budget).format(string.text))
    }
}

extension NativeCall {
    /// The string whose method is called.
    var receiver: TemplateString {
        get throws(Diagnostic) {
            guard case .string(let string) = subject else { throw mismatch(subject, "a string") }
            return string
        }
    }
}

import Diagnostics

/// The filters that make text from a value's text.
extension FilterTable {
    static let textFilters: [String: NativeFunction] = [
        "capitalize": mapping(\.pythonCapitalized),
        "e": NativeFunction(escape),
        "escape": NativeFunction(escape),
        "forceescape": NativeFunction { (call) throws(Diagnostic) in
            .string(TemplateString(try call.subject.text(call.budget)).escaped)
        },
        "format": NativeFunction(.any, format),
        "join": NativeFunction(["d", "attribute"], join),
        "lower": mapping(\.pythonLowercased),
        "replace": NativeFunction(["old", "new", "count"], required: 2, replace),
        "safe": NativeFunction { (call) throws(Diagnostic) in
            .string(TemplateString(try call.subject.text(call.budget), isMarkup: true))
        },
        "string": NativeFunction { (call) throws(Diagnostic) in .string(try call.subjectText()) },
        "title": NativeFunction { (call) throws(Diagnostic) in .string(titled(try call.subjectText())) },
        "trim": NativeFunction(["chars"], trim),
        "upper": mapping(\.pythonUppercased),
    ]

    private static func mapping(_ map: @escaping @Sendable (String) -> String) -> NativeFunction {
        NativeFunction { (call) throws(Diagnostic) in
            let string = try call.subjectText()
            return .string(TemplateString(map(string.text), isMarkup: string.isMarkup))
        }
    }

    private static func escape(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let text = try call.subjectText()
        try call.budget.spend(bytes: text.text.utf8.count, times: 5)
        return .string(text.escaped)
    }

    private static func format(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let arguments = call.arguments
        guard arguments.positional.isEmpty || arguments.named.isEmpty else {
            throw .template("'format' takes arguments either by position or by name")
        }
        let values: TemplateValue =
            arguments.named.isEmpty
            ? .tuple(try TemplateElements(arguments.positional)) : .dictionary(try arguments.namedDictionary())
        return .string(try PercentFormatter(try call.subjectText(), call.budget).format(values))
    }

    private static func join(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let separator = TemplateString(try call.text(0))
        let attribute = try AttributePath(call[1])
        var parts: [TemplateString] = []
        for value in try call.subject.elements(call.budget) {
            parts.append(TemplateString(try attribute.value(of: value, call.budget).text(call.budget)))
        }
        return .string(try separator.joining(parts, call.budget))
    }

    private static func replace(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let text = TemplateString(try call.subjectText().text)
        let (old, new) = (TemplateString(try call.text(0)), TemplateString(try call.text(1)))
        let limit = call[2].map(\.isNone) ?? true ? -1 : try call.size(2)
        return .string(try text.replacing(old, with: new, limit: limit, call.budget))
    }

    private static func trim(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let text = try call.subjectText()
        guard let characters = call[0], !characters.isNone else { return .string(text.stripped(.both)) }
        return .string(text.stripped(.both, of: try call.string(0)))
    }

    /// Words, which begin after white space, a hyphen or an opening bracket, each with its first letter in upper case.
    private static func titled(_ text: TemplateString) -> TemplateString {
        var output = ""
        var rest = ArraySlice(text.text.unicodeScalars)
        while let first = rest.first {
            let isMark = first.isWordBreak
            let part = rest.prefix { $0.isWordBreak == isMark }
            output.append(uppercase: first)
            let tail = part.dropFirst()
            for index in tail.indices { output.append(lowercaseAt: index, of: tail) }
            rest = rest[part.endIndex...]
        }
        return TemplateString(output)
    }
}

extension Unicode.Scalar {
    fileprivate var isWordBreak: Bool {
        switch self {
        case "-", "(", "{", "[", "<": true
        default: isPythonSpace
        }
    }
}

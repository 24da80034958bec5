import Diagnostics

/// The filters that choose between values.
extension FilterTable {
    static let valueFilters: [String: NativeFunction] = [
        "attr": NativeFunction(["name"], required: 1, attribute),
        "d": NativeFunction(["default_value", "boolean"], fallback),
        "default": NativeFunction(["default_value", "boolean"], fallback),
    ]

    private static func fallback(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let isMissing = call.subject.isUndefined || call.flag(1) && !call.subject.isTrue
        return isMissing ? call[0] ?? .string("") : call.subject
    }

    private static func attribute(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let name = try call.string(0).text
        return try call.subject.builtInAttribute(name) ?? .undefined(.attribute(name, of: call.subject.typeName))
    }
}

import Diagnostics

/// The filters that lay text out.
extension FilterTable {
    static let layoutFilters: [String: NativeFunction] = [
        "center": NativeFunction(["width"], center),
        "indent": NativeFunction(["width", "first", "blank"], indent),
        "tojson": NativeFunction(["ensure_ascii", "indent", "separators", "sort_keys"], toJSON),
        "truncate": NativeFunction(["length", "killwords", "end", "leeway"], truncate),
        "wordcount": NativeFunction(countWords),
    ]

    private static func center(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let text = try call.subjectText()
        let padded = try TextAlignment.center.pad(
            text.text, to: try call.size(0, default: 80), with: " ", call.budget)
        return .string(TemplateString(padded, isMarkup: text.isMarkup))
    }

    private static func indent(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard case .string(let text) = call.subject else { throw call.mismatch(call.subject, "text") }
        guard !text.isMarkup else { throw .unsupported("the filter 'indent' on text marked as safe") }
        let unit = try indentation(call[0], call)
        let lines = TemplateString(text.text + "\n").lines(keepsEnds: false).map(\.text)
        try call.budget.spend(bytes: unit.utf8.count, times: lines.count)
        try call.budget.spend(bytes: text.text.utf8.count)
        let isBlankIndented = call.flag(2)
        let rest = lines.dropFirst().map { $0.isEmpty && !isBlankIndented ? $0 : unit + $0 }
        let head = (call.flag(1) ? unit : "") + (lines.first ?? "")
        return .string(([head] + rest).joined(separator: "\n"))
    }

    private static func indentation(_ width: TemplateValue?, _ call: NativeCall) throws(Diagnostic) -> String {
        if case .string(let text) = width { return text.text }
        let count = try call.size(0, default: 4)
        try call.budget.spend(bytes: max(0, count))
        return String(repeating: " ", count: max(0, count))
    }

    private static func toJSON(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        var style = JSONWriter.Style()
        style.isASCIIOnly = call.flag(0)
        style.indent = try indentOfJSON(call)
        style.sortsKeys = call.flag(3)
        if style.indent != nil { style.itemSeparator = "," }
        if let separators = call[2], !separators.isNone {
            let parts = try separators.elements(call.budget)
            guard parts.count == 2, let item = parts[0].string, let key = parts[1].string else {
                throw call.mismatch(separators, "two separators")
            }
            (style.itemSeparator, style.keySeparator) = (item.text, key.text)
        }
        var writer = JSONWriter(style, call.budget)
        try writer.write(call.subject)
        return .string(writer.text)
    }

    private static func indentOfJSON(_ call: NativeCall) throws(Diagnostic) -> String? {
        guard let indent = call[1], !indent.isNone else { return nil }
        if case .string(let text) = indent { return text.text }
        let count = max(0, try call.size(1))
        try call.budget.spend(bytes: count)
        return String(repeating: " ", count: count)
    }

    private static func truncate(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let end = call[2] == nil ? TemplateString("...") : try call.string(2)
        let (length, leeway) = (try call.size(0, default: 255), call[3]?.isNone ?? true ? 5 : try call.size(3))
        guard length >= end.count, leeway >= 0 else { throw .template("'truncate' leaves no room for its end") }
        if let count = call.subject.length, count - leeway <= length { return call.subject }
        guard case .string(let text) = call.subject else { throw call.mismatch(call.subject, "text") }
        let kept = TemplateString(text.text.unicodeScalars.prefix(length - end.count))
        if call.flag(1) { return .string(kept + end) }
        let words = kept.split(at: TemplateString(" "), limit: 1, isFromEnd: true) ?? [kept]
        return .string(words[0] + end)
    }

    private static func countWords(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        var (count, isInWord) = (0, false)
        for scalar in try call.subjectText().text.unicodeScalars {
            let isWord = scalar.isPythonAlphanumeric || scalar == "_"
            if isWord, !isInWord { count += 1 }
            isInWord = isWord
        }
        return .integer(count)
    }
}

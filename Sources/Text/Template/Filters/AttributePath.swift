import Diagnostics

/// The path that filters take as `attribute`: `a.b.0`, an index, or nothing for the value itself.
struct AttributePath {
    private var keys: [TemplateValue] = []
    private var fallback: TemplateValue?

    /// - Parameter fallback: what takes the place of an undefined value on the way.
    init(_ attribute: TemplateValue?, default fallback: TemplateValue? = nil) throws(Diagnostic) {
        self.fallback = fallback.flatMap { $0.isNone ? nil : $0 }
        guard let attribute, !attribute.isNone else { return }
        guard case .string(let path) = attribute else {
            keys = [attribute]
            return
        }
        keys = (path.split(at: TemplateString("."), limit: .max, isFromEnd: false) ?? []).map(Self.key)
    }

    private static func key(_ part: TemplateString) -> TemplateValue {
        let isNumber = !part.isEmpty && part.text.unicodeScalars.allSatisfy(\.isPythonDecimal)
        return isNumber ? Int(part.text).map { .integer($0) } ?? .string(part) : .string(part)
    }

    func value(of subject: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) -> TemplateValue {
        var value = subject
        for key in keys {
            value = try value.element(key, budget)
            if let fallback, value.isUndefined { value = fallback }
        }
        return value
    }
}

import Diagnostics

/// The filters by name.
enum FilterTable {
    static let filters: [String: NativeFunction] = [
        textFilters, layoutFilters, numberFilters, sequenceFilters, orderFilters, selectionFilters, valueFilters,
    ].reduce(into: [:]) { $0.merge($1) { $1 } }

    /// Applies a filter that was named by a template, or by an argument of another filter.
    static func apply(
        _ name: String, to subject: TemplateValue, _ arguments: CallArguments, in renderer: TemplateRenderer
    ) throws(Diagnostic) -> TemplateValue {
        guard let filter = filters[name] else { throw .unsupported("the filter '\(name)'") }
        return try filter.call(name, on: subject, arguments, in: renderer)
    }
}

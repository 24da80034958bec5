/// The values of a scope's names while it is open, and the scope outside.
final class Scope {
    private let layout: ScopeLayout
    private let outer: Scope?
    /// `nil` where a name has no value yet.
    private var values: [TemplateValue?]
    /// Whether a macro holds the scope, which then holds the macro.
    var isCaptured = false

    init(_ layout: ScopeLayout, in outer: Scope?, context: TemplateContext) {
        self.layout = layout
        self.outer = outer
        values = []
        values.reserveCapacity(layout.symbols.count)
        for (symbol, source) in zip(layout.symbols, layout.sources) {
            switch source {
            case .parameter, .nothing: values.append(nil)
            case .context: values.append(context[symbol])
            case .outer: values.append(outer?.value(of: symbol) ?? nil)
            }
        }
    }

    /// The value of a name: `.some(nil)` where it has none yet, `nil` where no scope knows it.
    func value(of symbol: Symbol) -> TemplateValue?? {
        var scope: Scope? = self
        while let current = scope {
            if let index = current.layout.index(of: symbol) { return .some(current.values[index]) }
            scope = current.outer
        }
        return nil
    }

    /// Gives a name of this scope a value; a name that it does not know is left alone.
    func assign(_ value: TemplateValue?, to symbol: Symbol) {
        guard let index = layout.index(of: symbol) else { return }
        values[index] = value
    }

    func knows(_ symbol: Symbol) -> Bool { layout.index(of: symbol) != nil }

    /// Whether whatever enters the scope gives the name its value.
    func isParameter(_ symbol: Symbol) -> Bool {
        layout.index(of: symbol).map { layout.sources[$0] == .parameter } ?? false
    }

    /// Forgets all values, which breaks the cycle between a scope and its macros.
    func clear() { values = Array(repeating: nil, count: values.count) }
}

/// What a template is rendered with, as far as it uses it.
struct TemplateContext {
    private let values: [TemplateValue?]

    init(values: [TemplateValue?]) { self.values = values }

    subscript(symbol: Symbol) -> TemplateValue? { values[symbol] }
}

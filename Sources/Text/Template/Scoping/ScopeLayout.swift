/// What a scope holds when it is entered.
///
/// jinja2 decides when it compiles a template which scope a name belongs to and where its first value comes from. That
/// decision shows: a name that a template sets anywhere at its top level is not looked up in the context by a loop that
/// stands before it. So it is made here too, once, by ``ScopeAnalysis``.
struct ScopeLayout: Sendable {
    /// Where a name's value comes from when its scope is entered.
    enum Source: Sendable {
        /// A parameter of a macro or a loop's target: whatever enters the scope sets it.
        case parameter
        /// The context that the template is rendered with, else the functions that every template has.
        case context
        /// The same name in the nearest scope outside that knows it.
        case outer
        /// Nothing until it is assigned.
        case nothing
    }

    private(set) var symbols: [Symbol] = []
    private(set) var sources: [Source] = []

    func index(of symbol: Symbol) -> Int? { symbols.firstIndex(of: symbol) }

    mutating func define(_ symbol: Symbol, _ source: Source) {
        if let index = index(of: symbol) {
            sources[index] = source
        } else {
            symbols.append(symbol)
            sources.append(source)
        }
    }
}

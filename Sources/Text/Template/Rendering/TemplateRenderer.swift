import Diagnostics
import JSON

/// One rendering of a template.
///
/// This file holds what a rendering keeps; `+Statements`, `+Loops`, `+Macros`, `+Expressions` and `+Calls` say what the
/// constructs do.
final class TemplateRenderer {
    let template: JinjaTemplate
    let budget: TemplateBudget
    let context: TemplateContext
    let clock: LocalTime?
    var output = ""
    private var depth = 0
    /// What may hold itself by way of others, kept so that the cycles can be broken at the end.
    private var namespaces: [Namespace] = []
    private var capturedScopes: [Scope] = []

    /// Statements, expressions and calls that are open at once; Python gives up at about as many.
    static let maximumDepth = 1000
    /// After so many levels the work goes on upon another stack.
    private static let levelsPerStack = 24

    init(_ template: JinjaTemplate, context: [String: JSONValue], now: LocalTime?) throws(Diagnostic) {
        self.template = template
        clock = now
        var values: [TemplateValue?] = []
        for name in template.names.names {
            if let value = context[name] {
                values.append(try TemplateValue(value))
            } else {
                values.append(GlobalFunction.functions[name].map { .object(GlobalFunction(name: name, function: $0)) })
            }
        }
        self.context = TemplateContext(values: values)
        let weight = values.reduce(0) { $0 + ($1?.measure.weight ?? 0) }
        budget = TemplateBudget(template.limits, inputBytes: TemplateString.bytesPerStep * weight)
    }

    func render() throws(Diagnostic) -> String {
        defer { breakCycles() }
        let scope = Scope(template.layouts[0], in: nil, context: context)
        _ = try execute(template.statements, in: scope)
        return output
    }

    private func breakCycles() {
        for namespace in namespaces { namespace.clear() }
        for scope in capturedScopes { scope.clear() }
    }

    func keep(_ namespace: Namespace) { namespaces.append(namespace) }

    func keep(_ scope: Scope) {
        guard !scope.isCaptured else { return }
        scope.isCaptured = true
        capturedScopes.append(scope)
    }

    /// Runs something that may contain itself.
    func nested<Result>(_ body: () throws(Diagnostic) -> Result) throws(Diagnostic) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw .template("the template calls itself too often, or nests too deep")
        }
        guard depth % Self.levelsPerStack == 0 else { return try body() }
        // A thread costs about as much as so many steps.
        try budget.spend(steps: 500)
        return try OwnStack.run(body)
    }

    func write(_ text: String) throws(Diagnostic) {
        try budget.spend(bytes: text.utf8.count)
        output += text
    }

    /// Runs statements and returns what they write instead of writing it.
    func capture<Result>(
        _ body: () throws(Diagnostic) -> Result
    ) throws(Diagnostic) -> (text: String, result: Result) {
        let outer = output
        output = ""
        defer { output = outer }
        let result = try body()
        return (output, result)
    }

    func newScope(_ index: Int, in outer: Scope) -> Scope {
        Scope(template.layouts[index], in: outer, context: context)
    }
}

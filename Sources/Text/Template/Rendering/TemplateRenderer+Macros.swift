import Diagnostics

extension TemplateRenderer {
    func define(_ macro: MacroDefinition, in scope: Scope) {
        guard let symbol = macro.name else { return }
        keep(scope)
        scope.assign(.object(Macro(macro, in: scope, name: template.names[symbol])), to: symbol)
    }

    func runCallBlock(_ body: MacroDefinition, _ call: Expression, in scope: Scope) throws(Diagnostic) {
        guard case .call(let callee, let arguments) = call.kind else { return }
        keep(scope)
        let function = try evaluate(callee, in: scope)
        var values = try evaluate(arguments, in: scope)
        guard !values.named.contains(where: { $0.name == "caller" }) else {
            throw .template("the argument 'caller' is given twice")
        }
        values.named.append(("caller", .object(Macro(body, in: scope, name: ""))))
        try writeString(try self.call(function, values))
    }

    /// Runs a macro's body and returns what it writes.
    func run(_ macro: Macro, _ arguments: CallArguments) throws(Diagnostic) -> String {
        let definition = macro.definition
        let scope = newScope(definition.body.scope, in: macro.scope)
        var rest = arguments
        rest.positional.removeFirst(min(rest.positional.count, definition.parameters.count))
        for (index, symbol) in definition.parameters.enumerated() {
            let isPositional = index < arguments.positional.count
            let value = isPositional ? arguments.positional[index] : rest.take(template.names[symbol])
            scope.assign(value, to: symbol)
        }
        try assignSpecial(&rest, macro, in: scope)
        try assignDefaults(definition, in: scope)
        return try capture { () throws(Diagnostic) in try execute(definition.body.statements, in: scope) }.text
    }

    /// Passes on what no parameter takes, where the macro asks for it.
    private func assignSpecial(_ rest: inout CallArguments, _ macro: Macro, in scope: Scope) throws(Diagnostic) {
        if let caller = special("caller", macro, in: scope) {
            let value = rest.take("caller")
            scope.assign(value ?? .undefined(.because("No caller defined")), to: caller)
        }
        if let named = special("kwargs", macro, in: scope) {
            scope.assign(.dictionary(try rest.namedDictionary()), to: named)
        } else if let (name, _) = rest.named.first {
            throw .template("the macro '\(macro.name)' takes no argument '\(name)'")
        }
        if let sequence = special("varargs", macro, in: scope) {
            scope.assign(.tuple(try TemplateElements(rest.positional)), to: sequence)
        } else if !rest.positional.isEmpty {
            throw .template("the macro '\(macro.name)' takes at most \(macro.definition.parameters.count) arguments")
        }
    }

    /// One of the names that a macro's body may use without a parameter of that name.
    private func special(_ name: String, _ macro: Macro, in scope: Scope) -> Symbol? {
        guard let symbol = template.names.find(name), scope.knows(symbol) else { return nil }
        return macro.definition.parameters.contains(symbol) || !scope.isParameter(symbol) ? nil : symbol
    }

    private func assignDefaults(_ definition: MacroDefinition, in scope: Scope) throws(Diagnostic) {
        let firstDefault = definition.parameters.count - definition.defaults.count
        for (index, symbol) in definition.parameters.enumerated() where scope.value(of: symbol) ?? nil == nil {
            if index >= firstDefault {
                scope.assign(try evaluate(definition.defaults[index - firstDefault], in: scope), to: symbol)
            } else {
                let reason = "parameter '\(template.names[symbol])' was not provided"
                scope.assign(.undefined(.because(reason)), to: symbol)
            }
        }
    }
}

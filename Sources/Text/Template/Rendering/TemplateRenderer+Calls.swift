import Diagnostics

extension TemplateRenderer {
    func application(_ kind: Expression.Kind, in scope: Scope) throws(Diagnostic) -> TemplateValue {
        switch kind {
        case .call(let callee, let arguments):
            let function = try evaluate(callee, in: scope)
            return try call(function, try evaluate(arguments, in: scope))
        case .filter(let subject, let name, let arguments):
            guard let subject else { throw .template("the filter '\(name)' lacks what it is applied to") }
            let value = try evaluate(subject, in: scope)
            return try FilterTable.apply(name, to: value, try evaluate(arguments, in: scope), in: self)
        case .test(let subject, let name, let arguments):
            let value = try evaluate(subject, in: scope)
            return try TestTable.apply(name, to: value, try evaluate(arguments, in: scope), in: self)
        default: return .none
        }
    }

    /// Applies the filters of a block to its text.
    func filtered(_ text: TemplateValue, by filter: Expression?, in scope: Scope) throws(Diagnostic) -> TemplateValue {
        guard case .filter(let inner, let name, let arguments)? = filter?.kind else { return text }
        let subject = try filtered(text, by: inner, in: scope)
        return try FilterTable.apply(name, to: subject, try evaluate(arguments, in: scope), in: self)
    }

    func call(_ function: TemplateValue, _ arguments: CallArguments) throws(Diagnostic) -> TemplateValue {
        switch function {
        case .object(let object): return try object.call(arguments, in: self)
        case .undefined(let undefined): throw undefined.failure
        default: throw .template("a value of type '\(function.typeName)' cannot be called")
        }
    }

    func evaluate(_ arguments: Expression.Arguments, in scope: Scope) throws(Diagnostic) -> CallArguments {
        var values = CallArguments(positional: try evaluate(arguments.positional, in: scope))
        for (name, value) in arguments.named { values.named.append((name, try evaluate(value, in: scope))) }
        if let sequence = arguments.sequence {
            values.positional += try evaluate(sequence, in: scope).elements(budget)
        }
        if let mapping = arguments.mapping { try add(try evaluate(mapping, in: scope), to: &values) }
        return values
    }

    private func add(_ mapping: TemplateValue, to values: inout CallArguments) throws(Diagnostic) {
        guard case .dictionary(let dictionary) = mapping else {
            throw .template("'**' needs a dictionary, not a value of type '\(mapping.typeName)'")
        }
        for (key, value) in dictionary.members {
            guard case .string(let name) = key, !values.named.contains(where: { $0.name == name.text }) else {
                throw .template("'**' needs text as keys, each of them once")
            }
            values.named.append((name.text, value))
        }
    }
}

import Diagnostics

extension TemplateRenderer {
    func evaluate(_ expression: Expression, in scope: Scope) throws(Diagnostic) -> TemplateValue {
        try budget.spend(steps: 1)
        do throws(Diagnostic) {
            return try nested { () throws(Diagnostic) in try value(of: expression.kind, in: scope) }
        } catch {
            throw error.located(line: expression.line)
        }
    }

    private func value(of kind: Expression.Kind, in scope: Scope) throws(Diagnostic) -> TemplateValue {
        switch kind {
        case .literal(let literal): return literal.value
        case .name(let symbol): return try value(of: symbol, in: scope)
        case .list, .tuple, .dictionary: return try container(kind, in: scope)
        case .attribute(let value, let name): return try evaluate(value, in: scope).member(name)
        case .element(let value, let key):
            return try evaluate(value, in: scope).element(try evaluate(key, in: scope), budget)
        case .slice(let value, let start, let stop, let step):
            return try slice(try evaluate(value, in: scope), [start, stop, step], in: scope)
        case .call, .filter, .test: return try application(kind, in: scope)
        case .not(let value): return .bool(try !evaluate(value, in: scope).isTrue)
        case .signed(let value, let isNegated): return try evaluate(value, in: scope).signed(isNegated: isNegated)
        case .arithmetic(let first, let rest): return try arithmetic(first, rest, in: scope)
        case .concatenation(let parts): return .string(try concatenation(parts, in: scope))
        case .comparison(let first, let rest): return .bool(try comparison(first, rest, in: scope))
        case .all(let values): return try firstDecisive(values, stopsAt: false, in: scope)
        case .any(let values): return try firstDecisive(values, stopsAt: true, in: scope)
        case .conditional(let test, let then, let otherwise):
            if try evaluate(test, in: scope).isTrue { return try evaluate(then, in: scope) }
            guard let otherwise else { return .undefined(.because("a condition without 'else' does not hold")) }
            return try evaluate(otherwise, in: scope)
        }
    }

    private func value(of symbol: Symbol, in scope: Scope) throws(Diagnostic) -> TemplateValue {
        guard let value = scope.value(of: symbol) else {
            throw .unsupported("the name '\(template.names[symbol])' where jinja2 does not resolve it")
        }
        return value ?? .undefined(.name(template.names[symbol]))
    }

    func evaluate(_ expressions: [Expression], in scope: Scope) throws(Diagnostic) -> [TemplateValue] {
        var values: [TemplateValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression, in: scope)) }
        return values
    }

    private func container(_ kind: Expression.Kind, in scope: Scope) throws(Diagnostic) -> TemplateValue {
        switch kind {
        case .list(let parts): return .list(try TemplateElements(try evaluate(parts, in: scope)))
        case .tuple(let parts): return .tuple(try TemplateElements(try evaluate(parts, in: scope)))
        case .dictionary(let members):
            var dictionary = TemplateDictionary()
            for (key, value) in members {
                let key = try evaluate(key, in: scope)
                try budget.spend(steps: key.measure.weight, bytes: 128)
                try dictionary.set(key, to: try evaluate(value, in: scope))
            }
            return .dictionary(dictionary)
        default: return .none
        }
    }

    private func slice(_ value: TemplateValue, _ bounds: [Expression?], in scope: Scope) throws(Diagnostic)
        -> TemplateValue
    {
        var indices: [Int?] = []
        for bound in bounds { indices.append(try index(bound, in: scope)) }
        return try value.sliced(SliceBounds(start: indices[0], stop: indices[1], step: indices[2]), budget)
    }

    private func index(_ bound: Expression?, in scope: Scope) throws(Diagnostic) -> Int? {
        guard let bound else { return nil }
        let value = try evaluate(bound, in: scope)
        if value.isNone { return nil }
        guard let index = value.integer else {
            throw .template("a slice takes integers, not a value of type '\(value.typeName)'")
        }
        return index
    }

    private func arithmetic(
        _ first: Expression, _ rest: [(sign: ArithmeticOperator, right: Expression)], in scope: Scope
    ) throws(Diagnostic) -> TemplateValue {
        var value = try evaluate(first, in: scope)
        for (sign, right) in rest { value = try value.applying(sign, try evaluate(right, in: scope), budget) }
        return value
    }

    private func concatenation(_ parts: [Expression], in scope: Scope) throws(Diagnostic) -> String {
        var text = ""
        for value in try evaluate(parts, in: scope) {
            let part = try value.text(budget)
            try budget.spend(bytes: part.utf8.count)
            text += part
        }
        return text
    }

    private func comparison(
        _ first: Expression, _ rest: [(sign: ComparisonOperator, right: Expression)], in scope: Scope
    ) throws(Diagnostic) -> Bool {
        var left = try evaluate(first, in: scope)
        for (sign, expression) in rest {
            let right = try evaluate(expression, in: scope)
            guard try sign.holds(left, right, budget) else { return false }
            left = right
        }
        return true
    }

    /// `and` and `or` give the first value that decides them, else the last.
    private func firstDecisive(
        _ expressions: [Expression], stopsAt decisive: Bool, in scope: Scope
    ) throws(Diagnostic) -> TemplateValue {
        var value = TemplateValue.none
        for expression in expressions {
            value = try evaluate(expression, in: scope)
            if value.isTrue == decisive { return value }
        }
        return value
    }
}

extension Expression.Literal {
    fileprivate var value: TemplateValue {
        switch self {
        case .none: .none
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .float(let value): .float(value)
        case .string(let text): .string(text)
        }
    }
}

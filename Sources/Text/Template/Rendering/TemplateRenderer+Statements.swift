import Diagnostics

/// How statements end.
enum Flow {
    case normal, breaksLoop, continuesLoop
}

extension TemplateRenderer {
    func execute(_ statements: [Statement], in scope: Scope) throws(Diagnostic) -> Flow {
        for statement in statements {
            let flow = try execute(statement, in: scope)
            if flow != .normal { return flow }
        }
        return .normal
    }

    private func execute(_ statement: Statement, in scope: Scope) throws(Diagnostic) -> Flow {
        if case .text(let text) = statement.kind {
            try write(text)
            return .normal
        }
        try budget.spend(steps: 1)
        do throws(Diagnostic) {
            return try nested { () throws(Diagnostic) in try perform(statement.kind, in: scope) }
        } catch {
            throw error.located(line: statement.line)
        }
    }

    private func perform(_ kind: Statement.Kind, in scope: Scope) throws(Diagnostic) -> Flow {
        switch kind {
        case .text(let text): try write(text)
        case .output(let value): try write(try evaluate(value, in: scope).text(budget))
        case .branch(let branches, let otherwise): return try choose(branches, otherwise, in: scope)
        case .loop(let loop): try run(loop, in: scope)
        case .assign(let target, let value):
            try requireNamespaces(target, in: scope)
            try assign(try evaluate(value, in: scope), to: target, in: scope)
        case .assignBlock(let target, let filter, let body):
            return try assignBlock(target, filter, body, in: scope)
        case .with(let assignments, let body): return try runWith(assignments, body, in: scope)
        case .macro(let macro): define(macro, in: scope)
        case .callBlock(let macro, let call): try runCallBlock(macro, call, in: scope)
        case .filterBlock(let filter, let body): return try runFilterBlock(filter, body, in: scope)
        case .generation(let body): _ = try execute(body.statements, in: newScope(body.scope, in: scope))
        case .breakLoop: return .breaksLoop
        case .continueLoop: return .continuesLoop
        }
        return .normal
    }

    private func choose(
        _ branches: [(test: Expression, body: [Statement])], _ otherwise: [Statement], in scope: Scope
    ) throws(Diagnostic) -> Flow {
        for branch in branches where try evaluate(branch.test, in: scope).isTrue {
            return try execute(branch.body, in: scope)
        }
        return try execute(otherwise, in: scope)
    }

    private func assignBlock(
        _ target: AssignmentTarget, _ filter: Expression?, _ body: Body, in scope: Scope
    ) throws(Diagnostic) -> Flow {
        let inner = newScope(body.scope, in: scope)
        let (text, flow) = try capture { () throws(Diagnostic) in try execute(body.statements, in: inner) }
        // A jump out of the block leaves before the assignment.
        guard flow == .normal else { return flow }
        try assign(try filtered(.string(text), by: filter, in: inner), to: target, in: scope)
        return .normal
    }

    private func runFilterBlock(_ filter: Expression, _ body: Body, in scope: Scope) throws(Diagnostic) -> Flow {
        let inner = newScope(body.scope, in: scope)
        let (text, flow) = try capture { () throws(Diagnostic) in try execute(body.statements, in: inner) }
        guard flow == .normal else { return flow }
        try writeString(try filtered(.string(text), by: filter, in: inner))
        return .normal
    }

    /// Writes what a block gives, which jinja2 does not make text of.
    func writeString(_ value: TemplateValue) throws(Diagnostic) {
        guard case .string(let string) = value else {
            throw .template("a block gives a value of type '\(value.typeName)' where it should give text")
        }
        try write(string.text)
    }

    private func runWith(
        _ assignments: [(target: AssignmentTarget, value: Expression)], _ body: Body, in scope: Scope
    ) throws(Diagnostic) -> Flow {
        let inner = newScope(body.scope, in: scope)
        for (target, value) in assignments { try assign(try evaluate(value, in: scope), to: target, in: inner) }
        return try execute(body.statements, in: inner)
    }

    /// Gives names values; a tuple of names takes a sequence of as many elements.
    func assign(_ value: TemplateValue, to target: AssignmentTarget, in scope: Scope) throws(Diagnostic) {
        switch target {
        case .name(let symbol): scope.assign(value, to: symbol)
        case .attribute(let symbol, let name): try namespace(symbol, in: scope).set(name, to: value, budget)
        case .tuple(let targets):
            let values = try value.elements(budget)
            guard values.count == targets.count else {
                throw .template("\(values.count) values cannot be assigned to \(targets.count) names")
            }
            for (target, value) in zip(targets, values) { try assign(value, to: target, in: scope) }
        }
    }

    /// jinja2 checks what it assigns attributes to before it evaluates what it assigns.
    private func requireNamespaces(_ target: AssignmentTarget, in scope: Scope) throws(Diagnostic) {
        switch target {
        case .name: break
        case .attribute(let symbol, _): _ = try namespace(symbol, in: scope)
        case .tuple(let targets): for target in targets { try requireNamespaces(target, in: scope) }
        }
    }

    private func namespace(_ symbol: Symbol, in scope: Scope) throws(Diagnostic) -> Namespace {
        guard case .object(let namespace as Namespace)?? = scope.value(of: symbol) else {
            throw .template("'\(template.names[symbol])' is no namespace, so its attributes cannot be set")
        }
        return namespace
    }
}

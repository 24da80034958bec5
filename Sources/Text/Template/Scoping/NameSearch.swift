/// Looks for names that statements use before they declare them, in every scope that they open.
struct NameSearch {
    private var wanted: Set<Symbol>
    private var found: Set<Symbol> = []

    static func undeclared(_ wanted: Set<Symbol>, in statements: [Statement]) -> Set<Symbol> {
        var search = NameSearch(wanted: wanted)
        search.visit(statements)
        return search.found
    }

    private mutating func visit(_ statements: [Statement]) {
        for statement in statements { visit(statement) }
    }

    private mutating func visit(_ statement: Statement) {
        switch statement.kind {
        case .output(let value): visit(value)
        case .branch(let branches, let otherwise):
            for branch in branches {
                visit(branch.test)
                visit(branch.body)
            }
            visit(otherwise)
        case .loop(let loop): visit(loop)
        case .assign(let target, let value):
            declare(target.names)
            visit(value)
        case .assignBlock(let target, let filter, let body):
            declare(target.names)
            if let filter { visit(filter) }
            visit(body.statements)
        case .with(let assignments, let body):
            for assignment in assignments { declare(assignment.target.names) }
            for assignment in assignments { visit(assignment.value) }
            visit(body.statements)
        case .macro(let macro): visit(macro)
        case .callBlock(let macro, let call):
            visit(call)
            visit(macro)
        case .filterBlock(let filter, let body):
            visit(body.statements)
            visit(filter)
        case .generation(let body): visit(body.statements)
        case .text, .breakLoop, .continueLoop: break
        }
    }

    private mutating func visit(_ loop: ForLoop) {
        declare(loop.target.names)
        visit(loop.sequence)
        visit(loop.body.statements)
        if let otherwise = loop.otherwise { visit(otherwise.statements) }
        if let filter = loop.filter { visit(filter.test) }
    }

    private mutating func visit(_ macro: MacroDefinition) {
        declare(macro.parameters)
        for value in macro.defaults { visit(value) }
        visit(macro.body.statements)
    }

    private mutating func visit(_ expression: Expression) {
        expression.forEachName { if wanted.contains($0) { found.insert($0) } }
    }

    private mutating func declare(_ symbols: [Symbol]) { wanted.subtract(symbols) }
}

extension Expression {
    /// Calls `body` with every name that the expression reads, in the order of the source.
    func forEachName(_ body: (Symbol) -> Void) {
        if case .name(let symbol) = kind { body(symbol) }
        for part in parts { part.forEachName(body) }
    }

    /// The expressions that the expression consists of.
    var parts: [Expression] {
        switch kind {
        case .literal, .name: []
        case .list(let values), .tuple(let values), .concatenation(let values), .all(let values), .any(let values):
            values
        case .dictionary(let members): members.flatMap { [$0.key, $0.value] }
        case .attribute(let value, _), .not(let value), .signed(let value, _): [value]
        case .element(let value, let key): [value, key]
        case .slice(let value, let start, let stop, let step): [value] + [start, stop, step].compactMap { $0 }
        case .call(let value, let arguments), .test(let value, _, let arguments): [value] + arguments.parts
        case .filter(let value, _, let arguments): [value].compactMap { $0 } + arguments.parts
        case .arithmetic(let first, let rest): [first] + rest.map(\.right)
        case .comparison(let first, let rest): [first] + rest.map(\.right)
        case .conditional(let test, let then, let otherwise): [test, then] + [otherwise].compactMap { $0 }
        }
    }
}

extension Expression.Arguments {
    var parts: [Expression] { positional + named.map(\.value) + [sequence, mapping].compactMap { $0 } }
}

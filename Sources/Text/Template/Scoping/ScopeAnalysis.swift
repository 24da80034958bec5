import Diagnostics

/// Finds the layout of every scope of a template, as jinja2's compiler does.
struct ScopeAnalysis {
    /// The names that a scope knows while it is analysed, and the scope outside.
    struct Names {
        var layout = ScopeLayout()
        /// The names that the scope assigns.
        var stores: Set<Symbol> = []
        /// What the scopes outside know.
        let outer: Set<Symbol>

        func knows(_ symbol: Symbol) -> Bool { layout.index(of: symbol) != nil || outer.contains(symbol) }

        mutating func load(_ symbol: Symbol) {
            if !knows(symbol) { layout.define(symbol, .context) }
        }

        mutating func store(_ symbol: Symbol) {
            stores.insert(symbol)
            guard layout.index(of: symbol) == nil else { return }
            layout.define(symbol, outer.contains(symbol) ? .outer : .nothing)
        }

        mutating func declare(_ symbol: Symbol) {
            stores.insert(symbol)
            layout.define(symbol, .parameter)
        }

        /// Takes over what the branches of a condition found. What only some of them store must have a value where
        /// another was taken.
        mutating func merge(_ branches: [Names]) {
            let stored = branches.reduce(into: Set<Symbol>()) { $0.formUnion($1.stores) }.subtracting(stores)
            for branch in branches {
                for (symbol, source) in zip(branch.layout.symbols, branch.layout.sources) {
                    layout.define(symbol, source)
                }
                stores.formUnion(branch.stores)
            }
            for symbol in stored { layout.define(symbol, outer.contains(symbol) ? .outer : .context) }
        }

        /// The names of a scope within this one.
        var inner: Names { Names(outer: outer.union(layout.symbols)) }
    }

    private(set) var layouts: [ScopeLayout]
    private let loop: Symbol
    private let special: [Symbol]

    private init(scopeCount: Int, names: inout SymbolTable) {
        layouts = Array(repeating: ScopeLayout(), count: scopeCount)
        loop = names.symbol("loop")
        special = ["caller", "kwargs", "varargs"].map { names.symbol($0) }
    }

    /// The layouts of a template's scopes, the first one that of the template itself.
    ///
    /// - Throws: where the template uses a filter or test that is not known, outside of any condition.
    static func layouts(
        of statements: [Statement], scopeCount: Int, names: inout SymbolTable
    ) throws(Diagnostic) -> [ScopeLayout] {
        var analysis = ScopeAnalysis(scopeCount: scopeCount, names: &names)
        let own = names.symbol("self")
        if NameSearch.undeclared([own], in: statements).contains(own) {
            throw .unsupported("the variable 'self'")
        }
        var root = Names(outer: [])
        root.visit(statements)
        analysis.layouts[0] = root.layout
        try analysis.enter(statements, root, isSoft: false)
        return analysis.layouts
    }

    /// Analyses the scopes that statements open, once the scope that they stand in is known.
    ///
    /// - Parameter isSoft: whether the statements stand in a condition of their scope, where a filter that is not known
    ///   is an error only when it is reached.
    private mutating func enter(_ statements: [Statement], _ names: Names, isSoft: Bool) throws(Diagnostic) {
        for statement in statements {
            try KnownFunctions.check(statement, isSoft: isSoft)
            switch statement.kind {
            case .branch(let branches, let otherwise):
                for branch in branches { try enter(branch.body, names, isSoft: true) }
                try enter(otherwise, names, isSoft: true)
            case .loop(let loop): try enter(loop, names)
            case .assignBlock(_, let filter, let body):
                try enter(body, names.inner) { (inner) in inner.visit(body.statements) }
                if let filter { try KnownFunctions.check(filter) }
            case .with(let assignments, let body):
                try enter(body, names.inner) { (inner) in
                    for assignment in assignments { inner.declare(assignment.target) }
                    inner.visit(body.statements)
                }
            case .filterBlock(let filter, let body):
                try enter(body, names.inner) { (inner) in
                    inner.visit(body.statements)
                    inner.visit(filter)
                }
                try KnownFunctions.check(filter)
            case .macro(let macro), .callBlock(let macro, _): try enter(macro, names)
            case .generation(let body):
                try enter(MacroDefinition(name: nil, parameters: [], defaults: [], body: body), names)
            case .text, .output, .assign, .breakLoop, .continueLoop: break
            }
        }
    }

    private mutating func enter(
        _ body: Body, _ names: Names, visit: (inout Names) -> Void
    ) throws(Diagnostic) {
        var names = names
        visit(&names)
        layouts[body.scope] = names.layout
        try enter(body.statements, names, isSoft: false)
    }

    private mutating func enter(_ loop: ForLoop, _ names: Names) throws(Diagnostic) {
        if let filter = loop.filter {
            var inner = names.inner
            inner.declare(loop.target)
            inner.visit(filter.test)
            layouts[filter.scope] = inner.layout
            try KnownFunctions.check(filter.test)
        }
        let usesLoop =
            loop.isRecursive || NameSearch.undeclared([self.loop], in: loop.body.statements).contains(self.loop)
        let loopName = self.loop
        try enter(loop.body, names.inner) { (inner) in
            if usesLoop { inner.declare(loopName) }
            inner.declare(loop.target)
            inner.visit(loop.body.statements)
        }
        if let otherwise = loop.otherwise {
            try enter(otherwise, names.inner) { (inner) in inner.visit(otherwise.statements) }
        }
    }

    private mutating func enter(_ macro: MacroDefinition, _ names: Names) throws(Diagnostic) {
        let special = NameSearch.undeclared(Set(special), in: macro.body.statements).sorted()
        try enter(macro.body, names.inner) { (inner) in
            for parameter in macro.parameters { inner.declare(parameter) }
            for value in macro.defaults { inner.visit(value) }
            for symbol in special { inner.declare(symbol) }
            inner.visit(macro.body.statements)
        }
        for value in macro.defaults { try KnownFunctions.check(value) }
    }
}

/// What statements mean for the names of the scope that they stand in. Bodies with scopes of their own are left out.
extension ScopeAnalysis.Names {
    mutating func visit(_ statements: [Statement]) {
        for statement in statements { visit(statement) }
    }

    private mutating func visit(_ statement: Statement) {
        switch statement.kind {
        case .output(let value): visit(value)
        case .branch(let branches, let otherwise): visit(branches[...], otherwise)
        case .loop(let loop): visit(loop.sequence)
        case .assign(let target, let value):
            visit(value)
            store(target)
        case .assignBlock(let target, _, _): store(target)
        case .with(let assignments, _): for assignment in assignments { visit(assignment.value) }
        case .macro(let macro): if let name = macro.name { store(name) }
        case .callBlock(_, let call): visit(call)
        case .text, .filterBlock, .generation, .breakLoop, .continueLoop: break
        }
    }

    /// jinja2 holds the branches after the first one as conditions within the first: their tests are seen, and their
    /// stores merged, as in a branch of its own.
    private mutating func visit(
        _ branches: ArraySlice<(test: Expression, body: [Statement])>, _ otherwise: [Statement]
    ) {
        guard let first = branches.first else { return }
        visit(first.test)
        var (body, others, last) = (self, self, self)
        body.visit(first.body)
        for branch in branches.dropFirst() { others.visit([branch], []) }
        last.visit(otherwise)
        merge([body, others, last])
    }

    mutating func visit(_ expression: Expression) {
        expression.forEachName { load($0) }
    }

    private mutating func store(_ target: AssignmentTarget) {
        switch target {
        case .name(let symbol): store(symbol)
        case .tuple(let targets): for target in targets { store(target) }
        case .attribute(let symbol, _): load(symbol)
        }
    }

    mutating func declare(_ target: AssignmentTarget) {
        for symbol in target.names { declare(symbol) }
    }
}

extension AssignmentTarget {
    /// The names that are assigned.
    var names: [Symbol] {
        switch self {
        case .name(let symbol): [symbol]
        case .tuple(let targets): targets.flatMap(\.names)
        case .attribute: []
        }
    }
}

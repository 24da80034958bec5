import Diagnostics

extension TemplateParser {
    /// Parses statements up to a tag that ends them, whose name is then the current token, or to the end.
    mutating func parseStatements(until ends: Set<String>) throws(Diagnostic) -> [Statement] {
        var statements: [Statement] = []
        while true {
            let line = line
            switch current.kind {
            case .end:
                guard ends.isEmpty else { throw unexpected(Self.list(ends)) }
                return statements
            case .data(let text):
                advance()
                statements.append(Statement(kind: .text(text), line: line))
            case .variableBegin:
                advance()
                statements.append(Statement(kind: .output(try parseTuple()), line: line))
                try expect(.variableEnd)
            default:
                try expect(.blockBegin)
                if case .name(let name) = current.kind, ends.contains(name) { return statements }
                statements.append(try nested { (parser) throws(Diagnostic) in try parser.parseStatement() })
                try expect(.blockEnd)
            }
        }
    }

    private static func list(_ names: Set<String>) -> String {
        names.sorted().map { "'\($0)'" }.joined(separator: " or ")
    }

    private typealias StatementParser = @Sendable (inout TemplateParser) throws(Diagnostic) -> Statement.Kind

    private static let statementParsers: [String: StatementParser] = [
        "break": { (parser) throws(Diagnostic) in try parser.parseJump(.breakLoop) },
        "call": { (parser) throws(Diagnostic) in try parser.parseCallBlock() },
        "continue": { (parser) throws(Diagnostic) in try parser.parseJump(.continueLoop) },
        "filter": { (parser) throws(Diagnostic) in try parser.parseFilterBlock() },
        "for": { (parser) throws(Diagnostic) in try parser.parseFor() },
        "generation": { (parser) throws(Diagnostic) in try parser.parseGeneration() },
        "if": { (parser) throws(Diagnostic) in try parser.parseIf() },
        "macro": { (parser) throws(Diagnostic) in try parser.parseMacro() },
        "print": { (parser) throws(Diagnostic) in try parser.parsePrint() },
        "set": { (parser) throws(Diagnostic) in try parser.parseSet() },
        "with": { (parser) throws(Diagnostic) in try parser.parseWith() },
    ]

    private mutating func parseStatement() throws(Diagnostic) -> Statement {
        let line = line
        guard case .name(let name) = current.kind else { throw unexpected("the name of a tag") }
        guard let parse = Self.statementParsers[name] else { throw unknownTag(name) }
        advance()
        return Statement(kind: try parse(&self), line: line)
    }

    private func unknownTag(_ name: String) -> Diagnostic {
        guard name.hasPrefix("end") || name == "else" || name == "elif" else {
            return .unsupported("the tag '\(name)'", line: line)
        }
        return .template("the tag '\(name)' ends nothing that is open", line: line)
    }

    /// Parses the rest of a tag and what follows up to the tag that ends it, which is taken too.
    private mutating func parseBlock(until end: String) throws(Diagnostic) -> [Statement] {
        let statements = try parseOpenBlock(until: [end])
        advance()
        return statements
    }

    /// Parses the rest of a tag and what follows up to one of the tags that end it.
    private mutating func parseOpenBlock(until ends: Set<String>) throws(Diagnostic) -> [Statement] {
        _ = skip(sign: ":")
        try expect(.blockEnd)
        return try parseStatements(until: ends)
    }

    /// Parses a block with a scope of its own.
    private mutating func parseBody(until end: String) throws(Diagnostic) -> Body {
        let scope = newScope()
        return Body(statements: try parseBlock(until: end), scope: scope)
    }

    /// Parses a block that becomes a function in jinja2, so that no loop outside can be left from it.
    private mutating func parseFunctionBody(until end: String) throws(Diagnostic) -> Body {
        let depth = loopDepth
        loopDepth = 0
        defer { loopDepth = depth }
        return try parseBody(until: end)
    }

    private mutating func parseIf() throws(Diagnostic) -> Statement.Kind {
        var branches: [(test: Expression, body: [Statement])] = []
        while true {
            let test = try parseTuple(allowsConditional: false)
            branches.append((test, try parseOpenBlock(until: ["elif", "else", "endif"])))
            if skip(name: "elif") { continue }
            if skip(name: "else") { return .branch(branches, otherwise: try parseBlock(until: "endif")) }
            advance()
            return .branch(branches, otherwise: [])
        }
    }

    private mutating func parseFor() throws(Diagnostic) -> Statement.Kind {
        let outerDepth = loopDepth
        enclosingLoops += 1
        defer {
            loopDepth = outerDepth
            enclosingLoops -= 1
        }
        let target = try parseTarget()
        try expect(name: "in")
        let sequence = try parseTuple(allowsConditional: false)
        let filter = skip(name: "if") ? (test: try parseExpression(), scope: newScope()) : nil
        let isRecursive = skip(name: "recursive")
        loopDepth = isRecursive ? 1 : outerDepth + 1
        let scope = newScope()
        let body = Body(statements: try parseOpenBlock(until: ["endfor", "else"]), scope: scope)
        loopDepth = isRecursive ? 0 : outerDepth
        let hasElse = advance().kind == .name("else")
        return .loop(
            ForLoop(
                target: target, sequence: sequence, filter: filter, isRecursive: isRecursive, body: body,
                otherwise: hasElse ? try parseBody(until: "endfor") : nil))
    }

    private mutating func parseJump(_ kind: Statement.Kind) throws(Diagnostic) -> Statement.Kind {
        guard loopDepth > 0 else { throw .template("'break' and 'continue' belong into a loop", line: line) }
        return kind
    }

    private mutating func parseSet() throws(Diagnostic) -> Statement.Kind {
        let target = try parseTarget(allowsAttributes: true)
        if skip(sign: "=") { return .assign(target, try parseTuple()) }
        let filter = isSign("|") ? try parseFilters(of: nil) : nil
        return .assignBlock(target, filter: filter, try parseBody(until: "endset"))
    }

    private mutating func parseWith() throws(Diagnostic) -> Statement.Kind {
        var assignments: [(target: AssignmentTarget, value: Expression)] = []
        while current.kind != .blockEnd {
            if !assignments.isEmpty { try expect(sign: ",") }
            let target = try parseTarget(isParameter: true)
            try expect(sign: "=")
            assignments.append((target, try parseExpression()))
        }
        return .with(assignments, try parseBody(until: "endwith"))
    }

    private mutating func parseMacro() throws(Diagnostic) -> Statement.Kind {
        let name = try parseStoredName()
        let (parameters, defaults) = try parseSignature()
        let body = try parseFunctionBody(until: "endmacro")
        return .macro(MacroDefinition(name: name, parameters: parameters, defaults: defaults, body: body))
    }

    private mutating func parseCallBlock() throws(Diagnostic) -> Statement.Kind {
        let line = line
        let (parameters, defaults) = isSign("(") ? try parseSignature() : ([], [])
        let call = try parseExpression()
        guard case .call = call.kind else { throw .template("a call block should call something", line: line) }
        let body = try parseFunctionBody(until: "endcall")
        return .callBlock(
            MacroDefinition(name: nil, parameters: parameters, defaults: defaults, body: body), call: call)
    }

    private mutating func parseSignature() throws(Diagnostic) -> (parameters: [Symbol], defaults: [Expression]) {
        var (parameters, defaults): ([Symbol], [Expression]) = ([], [])
        try expect(sign: "(")
        while !isSign(")") {
            if !parameters.isEmpty { try expect(sign: ",") }
            let parameter = try parseParameter()
            guard !parameters.contains(parameter) else { throw .template("two parameters have one name", line: line) }
            parameters.append(parameter)
            if skip(sign: "=") {
                defaults.append(try parseExpression())
            } else if !defaults.isEmpty {
                throw .template("a parameter without a default follows one with a default", line: line)
            }
        }
        try expect(sign: ")")
        return (parameters, defaults)
    }

    private mutating func parseFilterBlock() throws(Diagnostic) -> Statement.Kind {
        let scope = newScope()
        let filter = try parseFilters(of: nil, startsInline: true)
        return .filterBlock(filter, Body(statements: try parseBlock(until: "endfilter"), scope: scope))
    }

    private mutating func parseGeneration() throws(Diagnostic) -> Statement.Kind {
        .generation(try parseFunctionBody(until: "endgeneration"))
    }

    private mutating func parsePrint() throws(Diagnostic) -> Statement.Kind {
        var values: [Expression] = []
        let line = line
        while current.kind != .blockEnd {
            if !values.isEmpty { try expect(sign: ",") }
            values.append(try parseExpression())
        }
        return .output(Expression(kind: .concatenation(values), line: line))
    }
}

/// What values are assigned to.
extension TemplateParser {
    private static let reserved: Set<String> = ["true", "false", "none", "True", "False", "None"]

    private mutating func parseStoredName() throws(Diagnostic) -> Symbol {
        try storable(try expectName(), isParameter: false)
    }

    private mutating func parseParameter() throws(Diagnostic) -> Symbol {
        try storable(try expectName(), isParameter: true)
    }

    private mutating func storable(_ name: String, isParameter: Bool) throws(Diagnostic) -> Symbol {
        guard !Self.reserved.contains(name) else { throw .template("nothing can be assigned to '\(name)'", line: line) }
        guard isParameter || enclosingLoops == 0 || name != "loop" else {
            throw .template("nothing can be assigned to 'loop' inside a loop", line: line)
        }
        return symbol(name)
    }

    /// Parses one or more names, or attributes of namespaces, separated by commas.
    fileprivate mutating func parseTarget(
        allowsAttributes: Bool = false, isParameter: Bool = false
    ) throws(Diagnostic) -> AssignmentTarget {
        var (targets, isTuple): ([AssignmentTarget], Bool) = ([], false)
        while true {
            if isAtTupleEnd { break }
            targets.append(try parseSingleTarget(allowsAttributes: allowsAttributes, isParameter: isParameter))
            guard skip(sign: ",") else { break }
            isTuple = true
        }
        guard let first = targets.first else { throw unexpected("a name") }
        return isTuple ? .tuple(targets) : first
    }

    private mutating func parseSingleTarget(
        allowsAttributes: Bool, isParameter: Bool
    ) throws(Diagnostic) -> AssignmentTarget {
        if skip(sign: "(") { return try parseParenthesizedTarget(isParameter: isParameter) }
        let name = try expectName()
        if allowsAttributes, !Self.reserved.contains(name), skip(sign: ".") {
            return .attribute(symbol(name), try expectName())
        }
        return .name(try storable(name, isParameter: isParameter))
    }

    /// Parses the targets up to a closing parenthesis. None at all is an empty tuple.
    private mutating func parseParenthesizedTarget(isParameter: Bool) throws(Diagnostic) -> AssignmentTarget {
        let target = try nested { (parser) throws(Diagnostic) in
            parser.isSign(")")
                ? AssignmentTarget.tuple([]) : try parser.parseTarget(isParameter: isParameter)
        }
        try expect(sign: ")")
        return target
    }
}

import Diagnostics

/// Expressions, from what binds weakest to what binds strongest.
extension TemplateParser {
    /// Parses an expression, or several separated by commas, which make a tuple.
    mutating func parseTuple(
        allowsConditional: Bool = true, isParenthesized: Bool = false
    ) throws(Diagnostic) -> Expression {
        let line = line
        var (values, isTuple): ([Expression], Bool) = ([], false)
        while !isAtTupleEnd {
            values.append(try parseExpression(allowsConditional: allowsConditional))
            guard skip(sign: ",") else { break }
            isTuple = true
        }
        if !isTuple, let value = values.first { return value }
        guard isTuple || isParenthesized else { throw unexpected("an expression") }
        return Expression(kind: .tuple(values), line: line)
    }

    /// Whether nothing more of a tuple can follow. A comma before `in` does not end one, as in jinja2.
    var isAtTupleEnd: Bool { [.variableEnd, .blockEnd, .sign(")")].contains(current.kind) }

    mutating func parseExpression(allowsConditional: Bool = true) throws(Diagnostic) -> Expression {
        try nested { (parser) throws(Diagnostic) in
            allowsConditional ? try parser.parseConditional() : try parser.parseOr()
        }
    }

    private mutating func parseConditional() throws(Diagnostic) -> Expression {
        let line = line
        var (value, count) = (try parseOr(), 0)
        while skip(name: "if") {
            let test = try parseOr()
            let otherwise = skip(name: "else") ? try parseExpression() : nil
            value = Expression(kind: .conditional(test: test, then: value, otherwise: otherwise), line: line)
            count += 1
            try limit(count)
        }
        return value
    }

    /// Refuses chains that would make a tree as deep as they are long.
    private func limit(_ count: Int) throws(Diagnostic) {
        guard count <= Self.maximumDepth else { throw .template("an expression is too long", line: line) }
    }

    private mutating func parseOr() throws(Diagnostic) -> Expression {
        let line = line
        var values = [try parseAnd()]
        while skip(name: "or") { values.append(try parseAnd()) }
        return values.count == 1 ? values[0] : Expression(kind: .any(values), line: line)
    }

    private mutating func parseAnd() throws(Diagnostic) -> Expression {
        let line = line
        var values = [try parseNot()]
        while skip(name: "and") { values.append(try parseNot()) }
        return values.count == 1 ? values[0] : Expression(kind: .all(values), line: line)
    }

    private mutating func parseNot() throws(Diagnostic) -> Expression {
        let line = line
        guard skip(name: "not") else { return try parseComparison() }
        let operand = try nested { (parser) throws(Diagnostic) in try parser.parseNot() }
        return Expression(kind: .not(operand), line: line)
    }

    private mutating func parseComparison() throws(Diagnostic) -> Expression {
        let line = line
        let first = try parseSum()
        var rest: [(sign: ComparisonOperator, right: Expression)] = []
        while let sign = takeComparison() { rest.append((sign, try parseSum())) }
        return rest.isEmpty ? first : Expression(kind: .comparison(first, rest), line: line)
    }

    private mutating func takeComparison() -> ComparisonOperator? {
        switch current.kind {
        case .sign(let text):
            guard let sign = ComparisonOperator(rawValue: text) else { return nil }
            advance()
            return sign
        case .name("in"):
            advance()
            return .isIn
        case .name("not") where following.kind == .name("in"):
            advance()
            advance()
            return .isNotIn
        default: return nil
        }
    }

    private mutating func parseSum() throws(Diagnostic) -> Expression {
        try parseArithmetic(["+", "-"]) { (parser) throws(Diagnostic) in try parser.parseConcatenation() }
    }

    private mutating func parseConcatenation() throws(Diagnostic) -> Expression {
        let line = line
        var values = [try parseProduct()]
        while skip(sign: "~") { values.append(try parseProduct()) }
        return values.count == 1 ? values[0] : Expression(kind: .concatenation(values), line: line)
    }

    private mutating func parseProduct() throws(Diagnostic) -> Expression {
        try parseArithmetic(["*", "/", "//", "%"]) { (parser) throws(Diagnostic) in try parser.parsePower() }
    }

    // Unlike in Python, powers group from the left.
    private mutating func parsePower() throws(Diagnostic) -> Expression {
        try parseArithmetic(["**"]) { (parser) throws(Diagnostic) in try parser.parseUnary() }
    }

    private mutating func parseArithmetic(
        _ signs: Set<String>, _ parseOperand: (inout TemplateParser) throws(Diagnostic) -> Expression
    ) throws(Diagnostic) -> Expression {
        let line = line
        let first = try parseOperand(&self)
        var rest: [(sign: ArithmeticOperator, right: Expression)] = []
        while case .sign(let text) = current.kind, signs.contains(text), let sign = ArithmeticOperator(rawValue: text) {
            advance()
            rest.append((sign, try parseOperand(&self)))
        }
        return rest.isEmpty ? first : Expression(kind: .arithmetic(first, rest), line: line)
    }

    private mutating func parseUnary(allowsFilter: Bool = true) throws(Diagnostic) -> Expression {
        let line = line
        var value: Expression
        if isSign("-") || isSign("+") {
            let isNegated = advance().kind == .sign("-")
            let operand = try nested { (parser) throws(Diagnostic) in try parser.parseUnary(allowsFilter: false) }
            value = Expression(kind: .signed(operand, isNegated: isNegated), line: line)
        } else {
            value = try parsePrimary()
        }
        value = try parsePostfix(value)
        return allowsFilter ? try parseFiltersAndTests(value) : value
    }
}

/// What stands after a value: subscripts, calls, filters and tests.
extension TemplateParser {
    private mutating func parsePostfix(_ value: Expression) throws(Diagnostic) -> Expression {
        var (value, count) = (value, 0)
        while true {
            if isSign(".") || isSign("[") {
                value = try parseSubscript(value)
            } else if isSign("(") {
                let line = line
                value = Expression(kind: .call(value, try parseArguments()), line: line)
            } else {
                return value
            }
            count += 1
            try limit(count)
        }
    }

    private mutating func parseFiltersAndTests(_ value: Expression) throws(Diagnostic) -> Expression {
        var (value, count) = (value, 0)
        while true {
            if isSign("|") {
                value = try parseFilters(of: value)
            } else if isName("is") {
                value = try parseTest(value)
            } else if isSign("(") {
                let line = line
                value = Expression(kind: .call(value, try parseArguments()), line: line)
            } else {
                return value
            }
            count += 1
            try limit(count)
        }
    }

    /// Parses one or more filters in a row.
    ///
    /// - Parameter startsInline: whether the first one stands without its bar, as in a filter block.
    mutating func parseFilters(of subject: Expression?, startsInline: Bool = false) throws(Diagnostic) -> Expression {
        var (value, count, isInline) = (subject, 0, startsInline)
        while isInline || isSign("|") {
            if !isInline { advance() }
            isInline = false
            let line = line
            let name = try parseDottedName()
            let arguments = isSign("(") ? try parseArguments() : Expression.Arguments()
            value = Expression(kind: .filter(value, name, arguments), line: line)
            count += 1
            try limit(count)
        }
        guard let value else { throw unexpected("a filter") }
        return value
    }

    private mutating func parseDottedName() throws(Diagnostic) -> String {
        var name = try expectName()
        while skip(sign: ".") { name += "." + (try expectName()) }
        return name
    }

    private mutating func parseTest(_ subject: Expression) throws(Diagnostic) -> Expression {
        let line = line
        advance()
        let isNegated = skip(name: "not")
        let name = try parseDottedName()
        var arguments = Expression.Arguments()
        if isSign("(") {
            arguments = try parseArguments()
        } else if isAtTestArgument {
            guard !isName("is") else { throw .template("tests cannot be chained with 'is'", line: line) }
            arguments.positional = [
                try nested { (parser) throws(Diagnostic) in try parser.parsePostfix(try parser.parsePrimary()) }
            ]
        }
        let test = Expression(kind: .test(subject, name, arguments), line: line)
        return isNegated ? Expression(kind: .not(test), line: line) : test
    }

    /// Whether the current token begins an argument that a test takes without parentheses.
    private var isAtTestArgument: Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and"].contains(name)
        case .string, .integer, .float, .sign("["), .sign("{"): true
        default: false
        }
    }

    private mutating func parseSubscript(_ value: Expression) throws(Diagnostic) -> Expression {
        let line = line
        guard skip(sign: ".") else { return try parseBracket(value) }
        let token = advance()
        switch token.kind {
        case .name(let name): return Expression(kind: .attribute(value, name), line: line)
        case .integer(let index):
            let key = Expression(kind: .literal(.integer(index)), line: line)
            return Expression(kind: .element(value, key), line: line)
        default: throw .template("a name or a number should follow the point", line: token.line)
        }
    }

    private mutating func parseBracket(_ value: Expression) throws(Diagnostic) -> Expression {
        let line = line
        advance()
        var keys: [Expression] = []
        var slice: Expression?
        while !isSign("]") {
            if !keys.isEmpty || slice != nil { try expect(sign: ",") }
            guard slice == nil else { throw .unsupported("a slice among several keys", line: line) }
            let start = isSign(":") ? nil : try parseExpression()
            if isSign(":") { slice = try parseSlice(of: value, start: start) } else if let start { keys.append(start) }
        }
        advance()
        guard let slice else {
            let key = keys.count == 1 ? keys[0] : Expression(kind: .tuple(keys), line: line)
            return Expression(kind: .element(value, key), line: line)
        }
        guard keys.isEmpty else { throw .unsupported("a slice among several keys", line: line) }
        return slice
    }

    private mutating func parseSlice(of value: Expression, start: Expression?) throws(Diagnostic) -> Expression {
        let line = line
        try expect(sign: ":")
        let stop = isSign(":") || isSign("]") || isSign(",") ? nil : try parseExpression()
        var step: Expression?
        if skip(sign: ":"), !isSign("]"), !isSign(",") { step = try parseExpression() }
        return Expression(kind: .slice(value, start: start, stop: stop, step: step), line: line)
    }

    private mutating func parseArguments() throws(Diagnostic) -> Expression.Arguments {
        try expect(sign: "(")
        var arguments = Expression.Arguments()
        var isFirst = true
        while !isSign(")") {
            if !isFirst {
                try expect(sign: ",")
                if isSign(")") { break }
            }
            try parseArgument(into: &arguments)
            isFirst = false
        }
        try expect(sign: ")")
        return arguments
    }

    private mutating func parseArgument(into arguments: inout Expression.Arguments) throws(Diagnostic) {
        let failure = Diagnostic.template("the arguments of a call are out of order", line: line)
        if skip(sign: "*") {
            guard arguments.sequence == nil, arguments.mapping == nil else { throw failure }
            arguments.sequence = try parseExpression()
        } else if skip(sign: "**") {
            guard arguments.mapping == nil else { throw failure }
            arguments.mapping = try parseExpression()
        } else if case .name(let name) = current.kind, following.kind == .sign("=") {
            guard arguments.mapping == nil, !arguments.named.contains(where: { $0.name == name }) else { throw failure }
            advance()
            advance()
            arguments.named.append((name, try parseExpression()))
        } else {
            guard arguments.sequence == nil, arguments.mapping == nil, arguments.named.isEmpty else { throw failure }
            arguments.positional.append(try parseExpression())
        }
    }
}

/// Names and literals.
extension TemplateParser {
    private mutating func parsePrimary() throws(Diagnostic) -> Expression {
        let line = line
        return Expression(kind: try parsePrimaryKind(), line: line)
    }

    private mutating func parsePrimaryKind() throws(Diagnostic) -> Expression.Kind {
        switch current.kind {
        case .name(let name):
            advance()
            return Self.constants[name].map { .literal($0) } ?? .name(symbol(name))
        case .string: return .literal(.string(parseStrings()))
        case .integer(let value):
            advance()
            return .literal(.integer(value))
        case .float(let value):
            advance()
            return .literal(.float(value))
        case .sign("("):
            advance()
            let value = try nested { (parser) throws(Diagnostic) in try parser.parseTuple(isParenthesized: true) }
            try expect(sign: ")")
            return value.kind
        case .sign("["): return .list(try parseList())
        case .sign("{"): return .dictionary(try parseDictionary())
        default: throw unexpected("a value")
        }
    }

    private static let constants: [String: Expression.Literal] = [
        "true": .bool(true), "True": .bool(true), "false": .bool(false), "False": .bool(false), "none": .none,
        "None": .none,
    ]

    /// Strings in a row are one string.
    private mutating func parseStrings() -> String {
        var text = ""
        while case .string(let part) = current.kind {
            text += part
            advance()
        }
        return text
    }

    private mutating func parseList() throws(Diagnostic) -> [Expression] {
        advance()
        var values: [Expression] = []
        while !isSign("]") {
            values.append(try parseExpression())
            if !isSign("]") { try expect(sign: ",") }
        }
        advance()
        return values
    }

    private mutating func parseDictionary() throws(Diagnostic) -> [(key: Expression, value: Expression)] {
        advance()
        var members: [(key: Expression, value: Expression)] = []
        while !isSign("}") {
            let key = try parseExpression()
            try expect(sign: ":")
            members.append((key, try parseExpression()))
            if !isSign("}") { try expect(sign: ",") }
        }
        advance()
        return members
    }
}

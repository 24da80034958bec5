import Diagnostics

/// Parses a template's tokens into statements. The grammar is jinja2's; see `+Statements` and `+Expressions`.
struct TemplateParser {
    /// What a template consists of once it is parsed.
    struct Result {
        let statements: [Statement]
        let names: SymbolTable
        let scopeCount: Int
    }

    private let tokens: [TemplateToken]
    private var index = 0
    private(set) var names = SymbolTable()
    private(set) var scopeCount = 1
    private var depth = 0
    /// How many loops the statement at hand can break out of.
    var loopDepth = 0
    /// How many loops stand around the statement at hand; in them nothing may be assigned to `loop`.
    var enclosingLoops = 0

    /// Statements and expressions nested deeper than this are refused, so that none exhausts the stack.
    static let maximumDepth = 96

    private init(_ tokens: [TemplateToken]) { self.tokens = tokens }

    static func parse(_ source: String) throws(Diagnostic) -> Result {
        var parser = TemplateParser(try TemplateLexer.tokens(of: source))
        let statements = try parser.parseStatements(until: [])
        return Result(statements: statements, names: parser.names, scopeCount: parser.scopeCount)
    }

    var current: TemplateToken { tokens[index] }
    var following: TemplateToken { tokens[min(index + 1, tokens.count - 1)] }
    var line: Int { current.line }

    @discardableResult
    mutating func advance() -> TemplateToken {
        defer { index = min(index + 1, tokens.count - 1) }
        return tokens[index]
    }

    func isSign(_ sign: String) -> Bool { current.kind == .sign(sign) }
    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    /// Moves past a sign if it is the current token.
    mutating func skip(sign: String) -> Bool {
        guard isSign(sign) else { return false }
        advance()
        return true
    }

    /// Moves past a name if it is the current token.
    mutating func skip(name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(sign: String) throws(Diagnostic) {
        guard skip(sign: sign) else { throw unexpected("'\(sign)'") }
    }

    mutating func expect(name: String) throws(Diagnostic) {
        guard skip(name: name) else { throw unexpected("'\(name)'") }
    }

    mutating func expect(_ kind: TemplateToken.Kind) throws(Diagnostic) {
        guard current.kind == kind else { throw unexpected(TemplateToken(kind: kind, line: line).description) }
        advance()
    }

    mutating func expectName() throws(Diagnostic) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        advance()
        return name
    }

    func unexpected(_ wanted: String) -> Diagnostic {
        .template("\(wanted) should stand where \(current.description) is", line: line)
    }

    mutating func symbol(_ name: String) -> Symbol { names.symbol(name) }

    mutating func newScope() -> Int {
        defer { scopeCount += 1 }
        return scopeCount
    }

    /// Parses something that nests.
    mutating func nested<Result>(
        _ parse: (inout TemplateParser) throws(Diagnostic) -> Result
    ) throws(Diagnostic) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw .template("the template is nested more than \(Self.maximumDepth) deep", line: line)
        }
        return try parse(&self)
    }
}

/// The names of a template, each with its number.
struct SymbolTable: Sendable {
    private(set) var names: [String] = []
    private var symbols: [String: Symbol] = [:]

    mutating func symbol(_ name: String) -> Symbol {
        if let symbol = symbols[name] { return symbol }
        symbols[name] = names.count
        names.append(name)
        return names.count - 1
    }

    /// The number of a name, `nil` where the template does not use it.
    func find(_ name: String) -> Symbol? { symbols[name] }

    subscript(symbol: Symbol) -> String { names[symbol] }
}

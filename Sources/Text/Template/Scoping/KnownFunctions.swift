import Diagnostics

/// Finds filters and tests that do not exist before a template is rendered.
///
/// Within a condition jinja2 leaves them until they are reached, so that a template may ask whether a filter exists.
enum KnownFunctions {
    /// Checks the expressions that stand in a statement itself, not those in its body.
    static func check(_ statement: Statement, isSoft: Bool) throws(Diagnostic) {
        guard !isSoft else { return }
        switch statement.kind {
        case .output(let value), .assign(_, let value): try check(value)
        case .loop(let loop): try check(loop.sequence)
        case .with(let assignments, _): for assignment in assignments { try check(assignment.value) }
        case .callBlock(_, let call): try check(call)
        default: break
        }
    }

    static func check(_ expression: Expression) throws(Diagnostic) {
        switch expression.kind {
        case .conditional: return
        case .filter(_, let name, _) where FilterTable.filters[name] == nil:
            throw .unsupported("the filter '\(name)'", line: expression.line)
        case .test(_, let name, _) where TestTable.tests[name] == nil:
            throw .unsupported("the test '\(name)'", line: expression.line)
        default: for part in expression.parts { try check(part) }
        }
    }
}

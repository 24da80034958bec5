/// A piece of a template's source.
struct TemplateToken: Sendable {
    enum Kind: Sendable, Equatable {
        /// Text between tags.
        case data(String)
        case blockBegin
        case blockEnd
        case variableBegin
        case variableEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case sign(String)
        case end
    }

    let kind: Kind
    /// Counted from 1.
    let line: Int

    /// The token as an error message names it.
    var description: String {
        switch kind {
        case .data: "text"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .sign(let sign): "'\(sign)'"
        case .end: "the end of the template"
        }
    }
}

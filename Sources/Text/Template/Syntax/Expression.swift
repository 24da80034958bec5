/// A name that a template uses, by its place in the template's table of names.
typealias Symbol = Int

/// An expression of a template.
struct Expression: Sendable {
    let kind: Kind
    let line: Int

    indirect enum Kind: Sendable {
        case literal(Literal)
        case name(Symbol)
        case list([Expression])
        case tuple([Expression])
        case dictionary([(key: Expression, value: Expression)])
        case attribute(Expression, String)
        case element(Expression, Expression)
        case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
        case call(Expression, Arguments)
        /// A filter; its subject is `nil` where it takes the body of a block.
        case filter(Expression?, String, Arguments)
        case test(Expression, String, Arguments)
        case not(Expression)
        case signed(Expression, isNegated: Bool)
        /// Operators of one rank, applied from the left.
        case arithmetic(Expression, [(sign: ArithmeticOperator, right: Expression)])
        case concatenation([Expression])
        /// A chain such as `a < b <= c`.
        case comparison(Expression, [(sign: ComparisonOperator, right: Expression)])
        case all([Expression])
        case any([Expression])
        case conditional(test: Expression, then: Expression, otherwise: Expression?)
    }

    enum Literal: Sendable {
        case none
        case bool(Bool)
        case integer(Int)
        case float(Double)
        case string(String)
    }

    /// The arguments of a call, a filter or a test.
    struct Arguments: Sendable {
        var positional: [Expression] = []
        var named: [(name: String, value: Expression)] = []
        /// `*values`
        var sequence: Expression?
        /// `**members`
        var mapping: Expression?
    }
}

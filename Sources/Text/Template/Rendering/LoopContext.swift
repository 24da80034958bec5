import Diagnostics

/// The variable `loop` of a loop's body.
final class LoopContext: TemplateObject {
    private var iterator: TemplateIterator
    private var knownLength: Int?
    private let depth: Int
    private let budget: TemplateBudget
    private var index0 = -1
    private var previous: TemplateValue?
    private var current: TemplateValue?
    /// An element that was asked for ahead of its turn, or the news that there is none.
    private var ahead: TemplateValue??
    private var lastChange: [TemplateValue]?
    /// Runs the loop again over another sequence; only where the loop is recursive.
    var recurse: ((TemplateValue) throws(Diagnostic) -> String)?
    let measure: Measure

    /// - Parameter depth: how many recursions deep the loop is, starting at 0.
    init(_ iterator: TemplateIterator, length: Int?, depth: Int, _ budget: TemplateBudget) throws(Diagnostic) {
        self.iterator = iterator
        self.budget = budget
        knownLength = length
        self.depth = depth
        var measure = Measure()
        measure.add(iterator.measure)
        try measure.check()
        self.measure = measure
    }

    var typeName: String { "LoopContext" }
    var isCallable: Bool { true }

    func write(to writer: inout ValueWriter) throws(Diagnostic) {
        try writer.append("<LoopContext \(index0 + 1)/\(try length())>")
    }

    /// Moves to the next element.
    func advance() throws(Diagnostic) -> TemplateValue? {
        let next = if let ahead { ahead } else { try iterator.next() }
        ahead = nil
        guard let next else { return nil }
        index0 += 1
        previous = current
        current = next
        return next
    }

    private func peek() throws(Diagnostic) -> TemplateValue? {
        if let ahead { return ahead }
        let next = try iterator.next()
        ahead = .some(next)
        return next
    }

    /// The number of elements; those of an iterator are fetched to count them.
    func length() throws(Diagnostic) -> Int {
        if let knownLength { return knownLength }
        let rest = try iterator.rest(budget)
        iterator = try TemplateIterator(rest)
        let peeked = if case .some(.some) = ahead { 1 } else { 0 }
        let length = rest.count + index0 + 1 + peeked
        knownLength = length
        return length
    }

    func iterated() throws(Diagnostic) -> TemplateIterator? {
        throw .unsupported("iteration over the variable 'loop'")
    }

    func call(_ arguments: CallArguments, in renderer: TemplateRenderer) throws(Diagnostic) -> TemplateValue {
        guard let recurse else { throw .template("only a loop with the mark 'recursive' can be called") }
        guard arguments.positional.count == 1, arguments.named.isEmpty else {
            throw .template("a recursive loop is called with one sequence")
        }
        return .string(try recurse(arguments.positional[0]))
    }
}

extension LoopContext {
    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue? {
        switch name {
        case "index": .integer(index0 + 1)
        case "index0": .integer(index0)
        case "revindex": .integer(try length() - index0)
        case "revindex0": .integer(try length() - index0 - 1)
        case "first": .bool(index0 == 0)
        case "last": .bool(try peek() == nil)
        case "length": .integer(try length())
        case "depth": .integer(depth + 1)
        case "depth0": .integer(depth)
        case "previtem": previousItem
        case "nextitem": try peek() ?? .undefined(.because("there is no next item"))
        case "cycle": method(name, Self.cycle)
        case "changed": method(name, Self.changed)
        default: nil
        }
    }

    private var previousItem: TemplateValue {
        index0 == 0 ? .undefined(.because("there is no previous item")) : previous ?? .none
    }

    private func method(_ name: String, _ body: @escaping NativeFunction.Body) -> TemplateValue {
        .object(BoundMethod(name: name, receiver: .object(self), function: NativeFunction(.any, body)))
    }

    private static func cycle(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard case .object(let loop as LoopContext) = call.subject, let count = call.arguments.positional.count.nonZero
        else {
            throw .template("'cycle' needs items")
        }
        return call.arguments.positional[loop.index0 % count]
    }

    private static func changed(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard case .object(let loop as LoopContext) = call.subject else { return .bool(false) }
        let values = call.arguments.positional
        if let last = loop.lastChange, try isEqual(last, values, call.budget) { return .bool(false) }
        loop.lastChange = values
        return .bool(true)
    }

    private static func isEqual(
        _ left: [TemplateValue], _ right: [TemplateValue], _ budget: TemplateBudget
    ) throws(Diagnostic) -> Bool {
        try TemplateValue.tuple(TemplateElements(left)).isEqual(to: .tuple(TemplateElements(right)), budget)
    }
}

extension Int {
    fileprivate var nonZero: Int? { self == 0 ? nil : self }
}

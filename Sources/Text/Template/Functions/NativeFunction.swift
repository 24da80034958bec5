import Diagnostics

/// A filter, a test, a method or a function that is written in Swift: its parameters and what it does.
struct NativeFunction: Sendable {
    typealias Body = @Sendable (NativeCall) throws(Diagnostic) -> TemplateValue

    /// How the arguments of a call are matched to parameters.
    enum Parameters: Sendable {
        /// Parameters that may also be given by name; the first `required` must be given.
        case named([String], required: Int)
        /// Between so many and so many parameters, without names.
        case positional(ClosedRange<Int>)
        /// Whatever is passed.
        case any
    }

    let parameters: Parameters
    let body: Body

    init(_ parameters: Parameters, _ body: @escaping Body) {
        self.parameters = parameters
        self.body = body
    }

    /// A function without parameters.
    init(_ body: @escaping Body) { self.init(.positional(0...0), body) }

    /// A function whose parameters may be given by name.
    init(_ names: [String], required: Int = 0, _ body: @escaping Body) {
        self.init(.named(names, required: required), body)
    }

    func call(
        _ name: String, on subject: TemplateValue, _ arguments: CallArguments, in renderer: TemplateRenderer
    ) throws(Diagnostic) -> TemplateValue {
        let values = try bind(arguments, name: name)
        let call = NativeCall(
            name: name, subject: subject, values: values, arguments: arguments, renderer: renderer)
        try pay(subject, arguments, renderer.budget)
        let result = try body(call)
        try renderer.budget.spend(bytes: result.shallowBytes)
        return result
    }

    /// Pays for reading the subject and the arguments once.
    private func pay(
        _ subject: TemplateValue, _ arguments: CallArguments, _ budget: TemplateBudget
    ) throws(Diagnostic) {
        try budget.spend(steps: subject.readingWeight)
        for value in arguments.positional { try budget.spend(steps: value.readingWeight) }
        for (_, value) in arguments.named { try budget.spend(steps: value.readingWeight) }
    }

    private func bind(_ arguments: CallArguments, name: String) throws(Diagnostic) -> [TemplateValue?] {
        switch parameters {
        case .any: return []
        case .positional(let counts):
            guard arguments.named.isEmpty else { throw .template("'\(name)' takes no arguments by name") }
            guard counts.contains(arguments.positional.count) else {
                throw .template("'\(name)' does not take \(arguments.positional.count) arguments")
            }
            return arguments.positional
        case .named(let names, let required): return try bind(arguments, to: names, required, name: name)
        }
    }

    private func bind(
        _ arguments: CallArguments, to names: [String], _ required: Int, name: String
    ) throws(Diagnostic) -> [TemplateValue?] {
        guard arguments.positional.count <= names.count else {
            throw .template("'\(name)' does not take \(arguments.positional.count) arguments")
        }
        var values: [TemplateValue?] = arguments.positional
        values += repeatElement(nil, count: names.count - values.count)
        for (key, value) in arguments.named {
            guard let index = names.firstIndex(of: key), values[index] == nil else {
                throw .template("'\(name)' takes no argument '\(key)', or takes it once")
            }
            values[index] = value
        }
        guard values.prefix(required).allSatisfy({ $0 != nil }) else {
            throw .template("'\(name)' needs \(required) arguments")
        }
        return values
    }
}

/// One call of a native function.
struct NativeCall {
    let name: String
    /// What a filter or test is applied to, or whose method is called.
    let subject: TemplateValue
    /// The values of the parameters in order, `nil` where none was passed.
    let values: [TemplateValue?]
    /// The arguments as they were passed.
    let arguments: CallArguments
    let renderer: TemplateRenderer

    var budget: TemplateBudget { renderer.budget }

    /// The value of a parameter, `nil` where none was passed.
    subscript(index: Int) -> TemplateValue? { index < values.count ? values[index] : nil }

    /// The value of a parameter that must be there.
    func value(_ index: Int) throws(Diagnostic) -> TemplateValue {
        guard let value = self[index] else { throw .template("'\(name)' lacks an argument") }
        return value
    }

    /// The value of a parameter that must be a string.
    func string(_ index: Int) throws(Diagnostic) -> TemplateString {
        let value = try value(index)
        guard case .string(let string) = value else { throw mismatch(value, "a string") }
        return string
    }

    /// The value of a parameter as an integer; where none was passed, `fallback`.
    func integer(_ index: Int, default fallback: Int? = nil) throws(Diagnostic) -> Int {
        guard let value = self[index] else {
            guard let fallback else { throw .template("'\(name)' lacks an argument") }
            return fallback
        }
        guard let integer = value.integer else { throw mismatch(value, "an integer") }
        return integer
    }

    /// The value of a parameter that is a size or a number of times, so that what lies beyond 2^60 is all the same.
    func size(_ index: Int, default fallback: Int? = nil) throws(Diagnostic) -> Int {
        min(max(try integer(index, default: fallback), -1 << 60), 1 << 60)
    }

    /// The truth value of a parameter; where none was passed, `false`.
    func flag(_ index: Int) -> Bool { self[index]?.isTrue ?? false }

    /// What Python's `str` gives of a parameter; where none was passed, `fallback`.
    func text(_ index: Int, default fallback: String = "") throws(Diagnostic) -> String {
        guard let value = self[index] else { return fallback }
        return try value.text(budget)
    }

    /// The subject where it is a string, else its text.
    func subjectText() throws(Diagnostic) -> TemplateString { try subject.softString(budget) }

    func mismatch(_ value: TemplateValue, _ wanted: String) -> Diagnostic {
        if case .undefined(let undefined) = value { return undefined.failure }
        return .template("'\(name)' needs \(wanted), not a value of type '\(value.typeName)'")
    }
}

/// A method of a Python value together with the value.
final class BoundMethod: TemplateObject {
    let name: String
    let receiver: TemplateValue
    let function: NativeFunction

    init(name: String, receiver: TemplateValue, function: NativeFunction) {
        self.name = name
        self.receiver = receiver
        self.function = function
    }

    var typeName: String { "builtin_function_or_method" }
    var isCallable: Bool { true }

    var measure: Measure {
        var measure = Measure()
        measure.add(receiver.measure)
        return measure
    }

    func call(_ arguments: CallArguments, in renderer: TemplateRenderer) throws(Diagnostic) -> TemplateValue {
        try function.call(name, on: receiver, arguments, in: renderer)
    }
}

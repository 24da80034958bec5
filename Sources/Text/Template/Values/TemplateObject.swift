import Diagnostics

/// A value with an identity: what jinja2 adds to Python's own types, and everything that can be called.
protocol TemplateObject: AnyObject {
    var typeName: String { get }
    var isTrue: Bool { get }
    var isCallable: Bool { get }
    var measure: Measure { get }
    /// Writes what Python's `str` gives; an address, which differs from run to run, is refused.
    func write(to writer: inout ValueWriter) throws(Diagnostic)
    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue?
    func iterated() throws(Diagnostic) -> TemplateIterator?
    func call(_ arguments: CallArguments, in renderer: TemplateRenderer) throws(Diagnostic) -> TemplateValue
}

extension TemplateObject {
    var isTrue: Bool { true }
    var isCallable: Bool { false }
    var measure: Measure { Measure() }

    func write(to writer: inout ValueWriter) throws(Diagnostic) {
        throw .unsupported("the text of a value of type '\(typeName)', which holds an address in memory")
    }

    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue? { nil }

    func iterated() throws(Diagnostic) -> TemplateIterator? { nil }

    func call(_ arguments: CallArguments, in renderer: TemplateRenderer) throws(Diagnostic) -> TemplateValue {
        throw .template("a value of type '\(typeName)' cannot be called")
    }
}

/// The values that a call passes.
struct CallArguments {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// Removes a named value and returns it.
    mutating func take(_ name: String) -> TemplateValue? {
        guard let index = named.firstIndex(where: { $0.name == name }) else { return nil }
        return named.remove(at: index).value
    }

    /// The named values as a dictionary.
    func namedDictionary() throws(Diagnostic) -> TemplateDictionary {
        try TemplateDictionary(named.map { (key: .string($0.name), value: $0.value) })
    }
}

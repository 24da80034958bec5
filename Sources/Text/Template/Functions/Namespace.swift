import Diagnostics
import OrderedCollections

/// What `namespace(…)` makes: the one value whose attributes a template can set.
final class Namespace: TemplateObject {
    private var attributes: OrderedDictionary<TemplateValue, TemplateValue> = [:]

    init(_ attributes: TemplateDictionary) throws(Diagnostic) {
        for (key, value) in attributes.members { self.attributes[key] = value }
        for case .string(let name) in attributes.keys { try Self.check(name.text) }
    }

    var typeName: String { "TemplateNamespace" }

    /// A namespace may come to hold itself, so that its depth says nothing; the writer of values bounds its own.
    func write(to writer: inout ValueWriter) throws(Diagnostic) {
        try writer.append("<Namespace ")
        try writer.writeMembers(attributes.map { (key: $0.key, value: $0.value) })
        try writer.append(">")
    }

    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue? { attributes[.string(name)] }

    func set(_ name: String, to value: TemplateValue, _ budget: TemplateBudget) throws(Diagnostic) {
        try Self.check(name)
        try budget.spend(bytes: 128)
        attributes[.string(name)] = value
    }

    func clear() { attributes = [:] }

    private static func check(_ name: String) throws(Diagnostic) {
        guard !name.hasPrefix("_") else {
            throw .template("a namespace holds no attribute '\(name)' that begins with an underscore")
        }
    }
}

/// What `cycler(…)` makes: its items in turn.
final class Cycler: TemplateObject {
    private let items: [TemplateValue]
    private var position = 0
    let measure: Measure

    init(_ items: [TemplateValue]) throws(Diagnostic) {
        guard !items.isEmpty else { throw .template("'cycler' needs at least one item") }
        self.items = items
        measure = try TemplateElements(items).measure
    }

    var typeName: String { "Cycler" }

    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue? {
        switch name {
        case "current": items[position]
        case "next": method(name) { (call) throws(Diagnostic) in try Self.receiver(call).next() }
        case "reset": method(name) { (call) throws(Diagnostic) in try Self.receiver(call).reset() }
        case "items": .tuple(try TemplateElements(items))
        case "pos": .integer(position)
        default: nil
        }
    }

    private func method(_ name: String, _ body: @escaping NativeFunction.Body) -> TemplateValue {
        .object(BoundMethod(name: name, receiver: .object(self), function: NativeFunction(body)))
    }

    private static func receiver(_ call: NativeCall) throws(Diagnostic) -> Cycler {
        guard case .object(let cycler as Cycler) = call.subject else { throw call.mismatch(call.subject, "a cycler") }
        return cycler
    }

    private func next() -> TemplateValue {
        defer { position = (position + 1) % items.count }
        return items[position]
    }

    private func reset() -> TemplateValue {
        position = 0
        return .none
    }
}

/// What `joiner(separator)` makes: nothing when it is first called, then its separator.
final class Joiner: TemplateObject {
    private let separator: TemplateValue
    private var isUsed = false

    init(_ separator: TemplateValue) { self.separator = separator }

    var typeName: String { "Joiner" }
    var isCallable: Bool { true }

    var measure: Measure {
        var measure = Measure()
        measure.add(separator.measure)
        return measure
    }

    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue? {
        switch name {
        case "sep": separator
        case "used": .bool(isUsed)
        default: nil
        }
    }

    func call(_ arguments: CallArguments, in renderer: TemplateRenderer) throws(Diagnostic) -> TemplateValue {
        guard arguments.positional.isEmpty, arguments.named.isEmpty else {
            throw .template("a joiner takes no arguments")
        }
        defer { isUsed = true }
        return isUsed ? separator : .string("")
    }
}

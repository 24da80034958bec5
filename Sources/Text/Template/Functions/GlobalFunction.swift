import Diagnostics

/// A function that every template can call.
final class GlobalFunction: TemplateObject {
    let name: String
    private let function: NativeFunction

    init(name: String, function: NativeFunction) {
        self.name = name
        self.function = function
    }

    var typeName: String { "function" }
    var isCallable: Bool { true }

    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue? {
        guard self.name == "dict", name == "fromkeys" else { return nil }
        throw .unsupported("'fromkeys' of 'dict'")
    }

    func call(_ arguments: CallArguments, in renderer: TemplateRenderer) throws(Diagnostic) -> TemplateValue {
        try function.call(name, on: .none, arguments, in: renderer)
    }

    static let functions: [String: NativeFunction] = [
        "cycler": NativeFunction(.any, cycler),
        "dict": NativeFunction(.any) { (call) throws(Diagnostic) in .dictionary(try dictionary(call)) },
        "joiner": NativeFunction(["sep"]) { (call) throws(Diagnostic) in .object(Joiner(call[0] ?? .string(", "))) },
        "lipsum": NativeFunction(.any) { (_) throws(Diagnostic) in throw .unsupported("the function 'lipsum'") },
        "namespace": NativeFunction(.any, namespace),
        "raise_exception": NativeFunction(["message"], required: 1, raise),
        "range": NativeFunction(.positional(1...3), range),
        "strftime_now": NativeFunction(["format"], required: 1, formatTime),
    ]

    private static func cycler(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard call.arguments.named.isEmpty else { throw .template("'cycler' takes no arguments by name") }
        return .object(try Cycler(call.arguments.positional))
    }

    /// The dictionary that Python's `dict(…)` makes: of another one, or of pairs, and of named values.
    private static func dictionary(_ call: NativeCall) throws(Diagnostic) -> TemplateDictionary {
        guard call.arguments.positional.count <= 1 else { throw .template("'\(call.name)' takes at most one argument") }
        var dictionary = try source(call)
        for (name, value) in call.arguments.named { try dictionary.set(.string(name), to: value) }
        return dictionary
    }

    private static func source(_ call: NativeCall) throws(Diagnostic) -> TemplateDictionary {
        guard let source = call.arguments.positional.first else { return TemplateDictionary() }
        if case .undefined(let undefined) = source { throw undefined.failure }
        if case .dictionary(let dictionary) = source { return dictionary }
        var dictionary = TemplateDictionary()
        for value in try source.elements(call.budget) {
            let pair = try value.elements(call.budget)
            guard pair.count == 2 else { throw .template("'\(call.name)' needs pairs of key and value") }
            try dictionary.set(pair[0], to: pair[1])
        }
        return dictionary
    }

    private static func namespace(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let namespace = try Namespace(try dictionary(call))
        call.renderer.keep(namespace)
        return .object(namespace)
    }

    private static func raise(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        // A diagnostic's message has no full stop of its own.
        let message = TemplateString(try call.text(0)).stripped(.trailing, of: TemplateString(". \n")).text
        throw Diagnostic(
            .badData, "the template refuses the messages: \(message)",
            remedy: "Change the messages as it demands, or give another template with --template FILE|NAME|raw")
    }

    private static func range(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let first = try call.integer(0)
        let hasStop = call[1] != nil
        return .range(
            try TemplateRange(
                start: hasStop ? first : 0, stop: hasStop ? try call.integer(1) : first,
                step: try call.integer(2, default: 1)))
    }

    private static func formatTime(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let now = call.renderer.clock ?? .current
        guard let text = now.formatted(try call.string(0).text) else { throw .template("a time has too long a text") }
        return .string(text)
    }
}

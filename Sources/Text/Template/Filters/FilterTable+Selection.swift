import Diagnostics

/// The filters that choose and transform elements; each computes an element when it is asked for.
extension FilterTable {
    static let selectionFilters: [String: NativeFunction] = [
        "map": NativeFunction(.any, map),
        "reject": NativeFunction(.any) { (call) throws(Diagnostic) in
            try select(call, wanted: false, byAttribute: false)
        },
        "rejectattr": NativeFunction(.any) { (call) throws(Diagnostic) in
            try select(call, wanted: false, byAttribute: true)
        },
        "select": NativeFunction(.any) { (call) throws(Diagnostic) in try select(call, wanted: true, byAttribute: false)
        },
        "selectattr": NativeFunction(.any) { (call) throws(Diagnostic) in
            try select(call, wanted: true, byAttribute: true)
        },
    ]

    private typealias Transform = (TemplateValue) throws(Diagnostic) -> TemplateValue

    private static func map(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        try lazily(call) { () throws(Diagnostic) in
            let transform = try transform(call)
            let source = try call.subject.requireIterator()
            return { () throws(Diagnostic) in
                guard let value = try source.next() else { return nil }
                return try transform(value)
            }
        }
    }

    private static func transform(_ call: NativeCall) throws(Diagnostic) -> Transform {
        var arguments = call.arguments
        if arguments.positional.isEmpty, let attribute = arguments.take("attribute") {
            let fallback = arguments.take("default")
            guard arguments.named.isEmpty else {
                throw .template("'map' takes no argument '\(arguments.named[0].name)'")
            }
            let path = try AttributePath(attribute, default: fallback)
            return { (value) throws(Diagnostic) in try path.value(of: value, call.budget) }
        }
        guard case .string(let name)? = arguments.positional.first else {
            throw .template("'map' needs the name of a filter")
        }
        arguments.positional.removeFirst()
        let (rest, renderer) = (arguments, call.renderer)
        return { (value) throws(Diagnostic) in try apply(name.text, to: value, rest, in: renderer) }
    }

    private static func select(_ call: NativeCall, wanted: Bool, byAttribute: Bool) throws(Diagnostic) -> TemplateValue
    {
        try lazily(call) { () throws(Diagnostic) in
            let test = try predicate(call, byAttribute: byAttribute)
            let source = try call.subject.requireIterator()
            return { () throws(Diagnostic) in
                while let value = try source.next() {
                    try call.budget.spend(steps: 1)
                    if try test(value).isTrue == wanted { return value }
                }
                return nil
            }
        }
    }

    private static func predicate(_ call: NativeCall, byAttribute: Bool) throws(Diagnostic) -> Transform {
        var arguments = call.arguments
        var path = try AttributePath(nil)
        if byAttribute {
            guard let attribute = arguments.positional.first else {
                throw .template("'\(call.name)' needs an attribute")
            }
            path = try AttributePath(attribute)
            arguments.positional.removeFirst()
        }
        guard let test = arguments.positional.first else {
            return { (value) throws(Diagnostic) in try path.value(of: value, call.budget) }
        }
        guard case .string(let name) = test else { throw call.mismatch(test, "the name of a test") }
        arguments.positional.removeFirst()
        let (rest, renderer) = (arguments, call.renderer)
        return { (value) throws(Diagnostic) in
            try TestTable.apply(name.text, to: try path.value(of: value, call.budget), rest, in: renderer)
        }
    }

    /// An iterator that is set up when it is first asked for an element, and is empty where the subject counts as false.
    private static func lazily(
        _ call: NativeCall, _ start: @escaping () throws(Diagnostic) -> TemplateIterator.Next
    ) throws(Diagnostic) -> TemplateValue {
        let isEmpty = !call.subject.isTrue
        var next: TemplateIterator.Next?
        let sources = [call.subject] + call.arguments.positional + call.arguments.named.map(\.value)
        return .iterator(
            try TemplateIterator(over: sources) { () throws(Diagnostic) in
                if isEmpty { return nil }
                let produce = if let next { next } else { try start() }
                next = produce
                return try produce()
            })
    }
}

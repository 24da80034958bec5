import Diagnostics

/// The methods that take a string apart or put strings together.
extension MethodTable {
    static let partMethods: [String: NativeFunction] = [
        "join": NativeFunction(.positional(1...1), join),
        "lstrip": NativeFunction(.positional(0...1)) { (call) throws(Diagnostic) in try strip(call, .leading) },
        "partition": NativeFunction(.positional(1...1)) { (call) throws(Diagnostic) in
            try partition(call, isFromEnd: false)
        },
        "removeprefix": NativeFunction(.positional(1...1), removePrefix),
        "removesuffix": NativeFunction(.positional(1...1), removeSuffix),
        "replace": NativeFunction(.positional(2...3), replace),
        "rpartition": NativeFunction(.positional(1...1)) { (call) throws(Diagnostic) in
            try partition(call, isFromEnd: true)
        },
        "rsplit": NativeFunction(["sep", "maxsplit"]) { (call) throws(Diagnostic) in try split(call, isFromEnd: true) },
        "rstrip": NativeFunction(.positional(0...1)) { (call) throws(Diagnostic) in try strip(call, .trailing) },
        "split": NativeFunction(["sep", "maxsplit"]) { (call) throws(Diagnostic) in try split(call, isFromEnd: false) },
        "splitlines": NativeFunction(["keepends"], splitLines),
        "strip": NativeFunction(.positional(0...1)) { (call) throws(Diagnostic) in try strip(call, .both) },
    ]

    private static func strip(_ call: NativeCall, _ ends: TemplateString.Ends) throws(Diagnostic) -> TemplateValue {
        guard let characters = call[0], !characters.isNone else { return .string(try call.receiver.stripped(ends)) }
        return .string(try call.receiver.stripped(ends, of: try call.string(0)))
    }

    private static func split(_ call: NativeCall, isFromEnd: Bool) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        let limit = try call.size(1, default: -1)
        let count = limit < 0 ? Int.max : limit
        guard let separator = call[0], !separator.isNone else {
            return try list(string.splitAtSpace(limit: count, isFromEnd: isFromEnd))
        }
        let parts = string.split(at: try call.string(0), limit: count, isFromEnd: isFromEnd)
        guard let parts else { throw .template("'\(call.name)' needs a separator that is not empty") }
        return try list(parts)
    }

    private static func splitLines(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        try list(try call.receiver.lines(keepsEnds: call.flag(0)))
    }

    private static func list(_ parts: [TemplateString]) throws(Diagnostic) -> TemplateValue {
        .list(try TemplateElements(parts.map { .string($0) }))
    }

    private static func partition(_ call: NativeCall, isFromEnd: Bool) throws(Diagnostic) -> TemplateValue {
        let (string, separator) = (try call.receiver, try call.string(0))
        guard !separator.isEmpty else { throw .template("'\(call.name)' needs a separator that is not empty") }
        let empty = TemplateString("", isMarkup: string.isMarkup)
        let match = isFromEnd ? string.lastRange(of: separator) : string.firstRange(of: separator)
        guard let match else {
            return try tuple(isFromEnd ? [empty, empty, string] : [string, empty, empty])
        }
        return try tuple(string.parts([0..<match.lowerBound, match, match.upperBound..<string.text.utf8.count]))
    }

    private static func tuple(_ parts: [TemplateString]) throws(Diagnostic) -> TemplateValue {
        .tuple(try TemplateElements(parts.map { .string($0) }))
    }

    private static func removePrefix(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let (string, prefix) = (try call.receiver, try call.string(0))
        guard string.hasPrefix(prefix) else { return .string(string) }
        return .string(string.parts([prefix.text.utf8.count..<string.text.utf8.count])[0])
    }

    private static func removeSuffix(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let (string, suffix) = (try call.receiver, try call.string(0))
        guard string.hasSuffix(suffix) else { return .string(string) }
        return .string(string.parts([0..<(string.text.utf8.count - suffix.text.utf8.count)])[0])
    }

    private static func replace(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        let new = try call.string(1)
        return .string(
            try string.replacing(
                try call.string(0), with: string.isMarkup ? new.escaped : new, limit: try call.size(2, default: -1),
                call.budget))
    }

    private static func join(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let separator = try call.receiver
        var parts: [TemplateString] = []
        for value in try call.value(0).elements(call.budget) {
            guard case .string(let part) = value else { throw call.mismatch(value, "strings") }
            parts.append(separator.isMarkup ? part.escaped : part)
        }
        return .string(try separator.joining(parts, call.budget))
    }
}

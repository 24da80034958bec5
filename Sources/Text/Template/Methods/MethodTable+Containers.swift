import Diagnostics

extension MethodTable {
    static let list = MethodTable(
        methods: sequence.merging(["copy": NativeFunction { (call) throws(Diagnostic) in call.subject }]) { $1 },
        unsafe: ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"])

    static let tuple = MethodTable(methods: sequence)

    /// The methods of lists, tuples and ranges.
    static let sequence: [String: NativeFunction] = [
        "count": NativeFunction(.positional(1...1), countElements),
        "index": NativeFunction(.positional(1...3), indexOfElement),
    ]

    static let dictionary = MethodTable(
        methods: [
            "copy": NativeFunction { (call) throws(Diagnostic) in call.subject },
            "get": NativeFunction(.positional(1...2), get),
            "items": NativeFunction { (call) throws(Diagnostic) in try view(.items, call) },
            "keys": NativeFunction { (call) throws(Diagnostic) in try view(.keys, call) },
            "values": NativeFunction { (call) throws(Diagnostic) in try view(.values, call) },
        ],
        unsafe: ["clear", "pop", "popitem", "setdefault", "update"],
        unsupported: ["fromkeys"])

    private static func countElements(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let wanted = try call.value(0)
        var count = 0
        for value in try call.subject.elements(call.budget) where try value.isEqual(to: wanted, call.budget) {
            count += 1
        }
        return .integer(count)
    }

    private static func indexOfElement(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let wanted = try call.value(0)
        let values = try call.subject.elements(call.budget)
        let bounds = SliceBounds(
            start: try call.integer(1, default: 0), stop: try call.integer(2, default: values.count), step: 1)
        let taken = try bounds.positions(in: values.count)
        for index in taken.first..<(taken.first + taken.count) where try values[index].isEqual(to: wanted, call.budget)
        {
            return .integer(index)
        }
        throw .template("the value looked for is not in the list")
    }

    private static func get(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard case .dictionary(let dictionary) = call.subject else { return .none }
        return try dictionary.value(of: try call.value(0)) ?? call[1] ?? .none
    }

    private static func view(_ part: DictionaryView.Part, _ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        guard case .dictionary(let dictionary) = call.subject else { return .none }
        return .view(DictionaryView(part: part, dictionary: dictionary))
    }
}

import Diagnostics

/// What a type of Python offers under a dot.
struct MethodTable: Sendable {
    /// The methods by name.
    let methods: [String: NativeFunction]
    /// Methods that would change the value, which the sandbox hides.
    var unsafe: Set<String> = []
    /// What Python offers and this interpreter lacks.
    var unsupported: Set<String> = []

    /// The methods of a value's type; `nil` for types whose attributes are not modelled, which have none.
    static func table(of value: TemplateValue) -> MethodTable? {
        switch value {
        case .string: string
        case .list: list
        case .tuple: tuple
        case .dictionary: dictionary
        case .bool, .integer: integer
        case .float: float
        case .range: range
        case .view: view
        case .iterator: generator
        default: nil
        }
    }

    static let integer = MethodTable(
        methods: [:],
        unsupported: [
            "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "imag",
            "numerator",
            "real", "to_bytes",
        ])

    static let float = MethodTable(
        methods: [
            "is_integer": NativeFunction { (call) throws(Diagnostic) in .bool(call.subject.number?.isIntegral ?? false)
            }
        ],
        unsupported: ["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "real"])

    static let range = MethodTable(methods: sequence, unsupported: ["start", "stop", "step"])
    static let view = MethodTable(methods: [:], unsupported: ["isdisjoint", "mapping"])
    static let generator = MethodTable(methods: [:], unsupported: ["close", "send", "throw"])
}

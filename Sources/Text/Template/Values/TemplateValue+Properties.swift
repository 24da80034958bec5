extension TemplateValue {
    static func string(_ text: String) -> TemplateValue { .string(TemplateString(text)) }

    /// The name of the value's type in Python, as error messages give it.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float"
        case .string(let string): string.isMarkup ? "Markup" : "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dictionary: "dict"
        case .view(let view): view.part.rawValue
        case .range: "range"
        case .iterator: "generator"
        case .object(let object): object.typeName
        }
    }

    /// Python's truth value.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let string): !string.isEmpty
        case .list(let elements), .tuple(let elements): !elements.values.isEmpty
        case .dictionary(let dictionary): dictionary.count > 0
        case .view(let view): view.dictionary.count > 0
        case .range(let range): range.count > 0
        case .iterator: true
        case .object(let object): object.isTrue
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    var isNone: Bool {
        if case .none = self { true } else { false }
    }

    var string: TemplateString? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The value as an integer where Python counts it as one: a boolean is 0 or 1.
    var integer: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// How deep the value reaches and how much it holds.
    var measure: Measure {
        switch self {
        case .list(let elements), .tuple(let elements): elements.measure
        case .dictionary(let dictionary): dictionary.measure
        case .view(let view): view.dictionary.measure
        case .iterator(let iterator): iterator.measure
        case .object(let object): object.measure
        case .string(let string): Measure(depth: 0, weight: string.weight)
        default: Measure()
        }
    }

    /// The work of walking over the value's own elements, without what they hold.
    var shallowWeight: Int {
        switch self {
        case .list(let elements), .tuple(let elements): 1 + elements.values.count
        case .dictionary(let dictionary): 1 + dictionary.count
        case .view(let view): 1 + view.dictionary.count
        case .range(let range): 1 + range.count
        case .string(let string): string.weight
        default: 1
        }
    }

    /// The work that a function cannot do without: lists can be read one element at a time, text and dictionaries not.
    var readingWeight: Int {
        switch self {
        case .string, .dictionary, .view: shallowWeight
        default: 1
        }
    }

    /// The memory that the value's own elements take, roughly, in bytes.
    var shallowBytes: Int {
        switch self {
        case .string(let string): string.text.utf8.count
        case .list(let elements), .tuple(let elements): 32 * elements.values.count
        case .dictionary(let dictionary): 128 * dictionary.count
        case .iterator, .object: 256
        default: 0
        }
    }

    /// The number of elements where Python's `len` gives one.
    var length: Int? {
        switch self {
        case .undefined: 0
        case .string(let string): string.count
        case .list(let elements), .tuple(let elements): elements.values.count
        case .dictionary(let dictionary): dictionary.count
        case .view(let view): view.dictionary.count
        case .range(let range): range.count
        default: nil
        }
    }
}

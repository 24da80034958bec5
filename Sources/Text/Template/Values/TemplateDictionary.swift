import Diagnostics
import OrderedCollections

/// A Python dictionary: keys in the order in which they were first set. Templates cannot change one, so it is a value.
struct TemplateDictionary {
    private var storage: OrderedDictionary<TemplateValue, TemplateValue> = [:]
    private(set) var measure = Measure()

    init() {}

    /// A dictionary of the members given; of repeated keys the first stays with the last one's value.
    init(_ members: [(key: TemplateValue, value: TemplateValue)]) throws(Diagnostic) {
        storage.reserveCapacity(members.count)
        for (key, value) in members { try set(key, to: value) }
    }

    var count: Int { storage.count }
    var keys: [TemplateValue] { Array(storage.keys) }
    var values: [TemplateValue] { Array(storage.values) }
    var members: [(key: TemplateValue, value: TemplateValue)] { storage.map { (key: $0.key, value: $0.value) } }

    mutating func set(_ key: TemplateValue, to value: TemplateValue) throws(Diagnostic) {
        try key.requireHashable()
        storage[key] = value
        measure.add(key.measure)
        measure.add(value.measure)
        try measure.check()
    }

    /// The value of a key; a key that cannot be hashed is an error.
    func value(of key: TemplateValue) throws(Diagnostic) -> TemplateValue? {
        try key.requireHashable()
        return storage[key]
    }

    /// The value of a string key.
    subscript(name: String) -> TemplateValue? { storage[.string(TemplateString(name))] }

    /// The members as tuples of key and value.
    func pairs() throws(Diagnostic) -> [TemplateValue] {
        var pairs: [TemplateValue] = []
        pairs.reserveCapacity(count)
        for (key, value) in storage { pairs.append(.tuple(try TemplateElements([key, value]))) }
        return pairs
    }

    func contains(_ key: TemplateValue) throws(Diagnostic) -> Bool { try value(of: key) != nil }

    func hasSameKeys(as other: TemplateDictionary) -> Bool {
        count == other.count && storage.keys.allSatisfy { other.storage[$0] != nil }
    }

    /// Whether both hold equal members, in whatever order.
    func holdsSame(as other: TemplateDictionary) -> Bool {
        count == other.count && storage.allSatisfy { key, value in other.storage[key].map { $0 == value } ?? false }
    }
}

extension TemplateValue {
    /// Whether the value can be a key: lists and dictionaries cannot.
    var isHashable: Bool {
        switch self {
        case .list, .dictionary, .view: false
        case .tuple(let elements): elements.values.allSatisfy(\.isHashable)
        default: true
        }
    }

    func requireHashable() throws(Diagnostic) {
        guard isHashable else { throw .template("a value of type '\(typeName)' cannot be a key") }
    }
}

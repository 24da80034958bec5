import OrderedCollections

/// The members of a JSON object in the order in which they were written; keys are equal only where their bytes are.
///
/// Setting a key that is there keeps its place, as in Python; a new key goes to the end. Two objects are equal where
/// they hold equal members in the same order.
public struct JSONObject: Sendable, Hashable {
    private var storage: OrderedDictionary<ByteExactString, JSONValue>

    public init() { storage = [:] }

    /// An object with room for `minimumCapacity` members.
    public init(minimumCapacity: Int) { storage = OrderedDictionary(minimumCapacity: minimumCapacity) }

    /// An object of the members given; of repeated keys the last value counts, at the first one's place.
    public init(_ members: some Sequence<(key: String, value: JSONValue)>) {
        self.init(minimumCapacity: members.underestimatedCount)
        for (key, value) in members { self[key] = value }
    }

    /// An object of the members given; of repeated keys the last value counts, at the first one's place.
    @_disfavoredOverload
    public init(_ members: some Sequence<(String, JSONValue)>) {
        self.init(members.lazy.map { (key: $0.0, value: $0.1) })
    }

    /// The value of a key; setting `nil` removes the member.
    public subscript(key: String) -> JSONValue? {
        get { storage[ByteExactString(key)] }
        set { storage[ByteExactString(key)] = newValue }
        _modify { yield &storage[ByteExactString(key)] }
    }

    /// The value of a key, or a default where there is none.
    public subscript(key: String, default value: @autoclosure () -> JSONValue) -> JSONValue {
        get { storage[ByteExactString(key), default: value()] }
        _modify { yield &storage[ByteExactString(key), default: value()] }
    }

    /// Sets a value and returns the one it replaces.
    @discardableResult
    public mutating func updateValue(_ value: JSONValue, forKey key: String) -> JSONValue? {
        storage.updateValue(value, forKey: ByteExactString(key))
    }

    /// Removes a member, keeping the order of the others, and returns its value.
    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSONValue? {
        storage.removeValue(forKey: ByteExactString(key))
    }

    /// The keys in order.
    public var keys: [String] { storage.keys.map(\.text) }

    /// The values in order.
    public var values: [JSONValue] { Array(storage.values) }

    /// The position of a key.
    public func index(forKey key: String) -> Int? { storage.index(forKey: ByteExactString(key)) }

    /// The same members, ordered by the UTF-8 bytes of their keys.
    public func sortedByKey() -> JSONObject {
        var copy = self
        copy.storage.sort { $0.key < $1.key }
        return copy
    }
}

extension JSONObject: RandomAccessCollection {
    public typealias Element = (key: String, value: JSONValue)

    public var startIndex: Int { 0 }
    public var endIndex: Int { storage.count }

    public subscript(position: Int) -> Element {
        let member = storage.elements[position]
        return (key: member.key.text, value: member.value)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

import JSON
import Testing

@Suite struct JSONObjectTests {
    @Test("Members keep the order in which they came; a key set again keeps its place")
    func order() {
        var object: JSONObject = ["z": 1, "a": 2]
        object["m"] = 3
        object["z"] = 4
        #expect(object.keys == ["z", "a", "m"])
        #expect(object.values == [4, 2, 3])
        #expect(object.map(\.key) == ["z", "a", "m"])
        #expect(object.index(forKey: "m") == 2)
        object["a"] = nil
        #expect(object.keys == ["z", "m"])
        #expect(object.removeValue(forKey: "z") == 4)
        #expect(object.removeValue(forKey: "z") == nil)
        #expect(object.updateValue(5, forKey: "m") == 3)
        #expect(object == ["m": 5])
    }

    @Test("A member can be changed in place")
    func inPlace() {
        var object: JSONObject = [:]
        object["count", default: 0] = 2
        #expect(object["count"] == 2)
        #expect(object["none", default: 7] == 7)
        #expect(object["none"] == nil)
        #expect(!object.isEmpty && object.count == 1)
    }

    @Test("Of repeated keys in a literal or a sequence the last value counts, at the first one's place")
    func repeatedKeys() {
        let pairs: [(String, JSONValue)] = [("a", 1), ("b", 2), ("a", 3)]
        #expect(JSONObject(pairs) == ["a": 3, "b": 2])
        let literal: JSONValue = ["a": 1, "b": 2, "a": 3]
        #expect(literal.text == #"{"a":3,"b":2}"#)
    }

    @Test("Keys and strings are equal only where their bytes are")
    func byteExact() {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed)
        var object: JSONObject = [composed: 1]
        object[decomposed] = 2
        #expect(object.count == 2)
        #expect(object[composed] == 1)
        #expect(JSONValue.string(composed) != .string(decomposed))
        #expect(Set<JSONValue>([.string(composed), .string(decomposed)]).count == 2)
        #expect([composed: 1] as JSONObject != [decomposed: 1])
        #expect(JSONValue.string(composed) == .string("\u{E9}"))
    }

    @Test("Equality heeds the order of members, and equal values hash alike")
    func equality() {
        let object: JSONObject = ["a": 1, "b": [1, 2.5, nil, true, "x"]]
        #expect(object != ["b": [1, 2.5, nil, true, "x"], "a": 1])
        let other: JSONObject = ["a": 1, "b": [1, 2.5, nil, true, "x"]]
        #expect(object == other && object.hashValue == other.hashValue)
        #expect(JSONValue.integer(1) != .number(1) && JSONValue.null != .bool(false))
    }

    @Test("Thousands of keys are all found again")
    func manyKeys() {
        var object = JSONObject(minimumCapacity: 5000)
        for number in 0..<5000 { object["key\(number)"] = .integer(number) }
        #expect(object.count == 5000)
        #expect((0..<5000).allSatisfy { object["key\($0)"] == .integer($0) && object[$0].key == "key\($0)" })
        #expect(object["key5000"] == nil)
        #expect(object.sortedByKey().keys == object.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
}

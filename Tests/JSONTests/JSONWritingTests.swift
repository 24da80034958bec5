import JSON
import TestSupport
import Testing

@Suite struct JSONWritingTests {
    @Test("Values are written as the Python script writes them, and read back as they were")
    func agreesWithPython() throws {
        for document in try ReferenceDocument.all() where document.dump != nil {
            let value = try JSONValue(parsing: document.bytes)
            #expect(value.text == document.text)
            #expect(try JSONValue(parsing: value.text).dump == document.dump)
        }
    }

    @Test("A double of any bits reads back with the same bits")
    func doubles() throws {
        var generator = SplitMix64(state: 7)
        let special: [Double] = [
            0, -0.0, 1, -1, 0.1, 1e15, 1e16, 1e17, 1e22, 1e23, .pi, .ulpOfOne, .leastNonzeroMagnitude,
            .leastNormalMagnitude,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 9_007_199_254_740_992,
        ]
        let random = (0..<20_000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        for double in special + random {
            let read = try JSONValue(parsing: JSONValue.number(double).text)
            guard case .number(let value) = read else { Issue.record("\(double) became \(read)"); return }
            #expect(value.bitPattern == double.bitPattern)
        }
    }

    @Test("Numbers that are not finite are written as Python writes them")
    func notFinite() {
        let value: JSONValue = [.number(.nan), .number(.infinity), .number(-.infinity)]
        #expect(value.text == "[NaN,Infinity,-Infinity]")
    }

    @Test("Only what must be escaped is escaped")
    func escapes() {
        let value: JSONValue = "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é\u{2028}🙂"
        #expect(value.text == #""\"\\/\u0008\u000c\n\r\t\u0000\u001f\u007fé"# + "\u{2028}🙂\"")
    }

    @Test("The canonical text orders keys by their bytes at every depth, and leaves arrays alone")
    func canonical() throws {
        let value = try JSONValue(parsing: #"{"b":{"z":1,"a":2},"a":[{"d":3,"c":4},1],"é":0,"e\u0301":1,"B":5}"#)
        #expect(value.canonicalText == #"{"B":5,"a":[{"c":4,"d":3},1],"b":{"a":2,"z":1},"e\#u{301}":1,"é":0}"#)
        #expect(value.canonicalText != value.text)
    }
}

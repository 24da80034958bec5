import Diagnostics
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct JSONParsingTests {
    @Test("Documents are read, or refused, as Python's json does")
    func agreesWithPython() throws {
        for document in try ReferenceDocument.all() {
            let value = try? JSONValue(parsing: document.bytes)
            #expect(value?.dump == document.dump, "\(String(decoding: document.bytes, as: UTF8.self))")
        }
    }

    @Test("A document parses alike from an array, a slice, a string and a sequence without contiguous storage")
    func sources() throws {
        let text = #"{"a":[1,2.5,"é"]}"#
        let bytes = Array(text.utf8)
        let expected: JSONValue = ["a": [1, 2.5, "é"]]
        #expect(try JSONValue(parsing: text) == expected)
        #expect(try JSONValue(parsing: bytes) == expected)
        #expect(try JSONValue(parsing: ([0] + bytes)[1...]) == expected)
        #expect(try JSONValue(parsing: bytes.lazy.map { $0 }) == expected)
    }

    @Test(
        "An error says where it is and what is wrong",
        arguments: [
            ("", 1, "not valid JSON: the document is empty (column 1)"),
            ("[1,\n2,\n  x]", 3, "not valid JSON: a value cannot start with 'x' (column 3)"),
            ("{\"a\":1\n\"b\":2}", 2, "not valid JSON: a comma or a closing brace should be here (column 1)"),
            ("[1 2]", 1, "not valid JSON: a comma or a closing bracket should be here (column 4)"),
            ("{a:1}", 1, "not valid JSON: a key in quotes should be here (column 2)"),
            ("{\"a\" 1}", 1, "not valid JSON: a colon should follow the key 'a' (column 6)"),
            ("\"a", 1, "not valid JSON: the text ends inside a string (column 3)"),
            ("\"a\nb\"", 1, "not valid JSON: a control character stands in a string unescaped (column 3)"),
            ("\"\\x\"", 1, "not valid JSON: \\ and 'x' are not an escape (column 3)"),
            ("\"\\u12g4\"", 1, "not valid JSON: \\u should be followed by four hexadecimal digits (column 6)"),
            ("[01]", 1, "not valid JSON: a number has a leading zero (column 2)"),
            ("-", 1, "not valid JSON: digits should follow the minus sign (column 2)"),
            ("1.", 1, "not valid JSON: digits should follow the decimal point (column 3)"),
            ("1e+", 1, "not valid JSON: digits should follow the exponent (column 4)"),
            ("1e999", 1, "not valid JSON: the number 1e999 is beyond the range of a double (column 6)"),
            ("nul", 1, "not valid JSON: this is not the word 'null' (column 1)"),
            ("[1", 1, "not valid JSON: a comma or a closing bracket should be here (column 3)"),
            ("[1,", 1, "not valid JSON: the text ends where a value should be (column 4)"),
            ("1\n\n 2", 3, "not valid JSON: there is more text after the end of the value (column 2)"),
            ("[NaN]", 1, "not valid JSON: a value cannot start with 'N' (column 2)"),
        ])
    func errorPositions(text: String, line: Int, message: String) {
        let expected = Diagnostic(.badData, message, at: .init(line: line), remedy: "Correct the text there")
        #expect(throws: expected) { try JSONValue(parsing: text) }
    }

    @Test(
        "Bytes that are not UTF-8 are named as such, at the first of them",
        arguments: [
            ([0x22, 0xFF, 0x22], 2), ([0xFF, 0xFE, 0x31, 0x00], 1), ([0x5B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x5D], 3),
            ([0x22, 0xC3], 2), ([0x5B, 0xE9, 0x5D], 2),
        ] as [([UInt8], Int)])
    func notUTF8(bytes: [UInt8], column: Int) {
        let expected = Diagnostic(
            .badData, "not valid JSON: it is not UTF-8 (column \(column))", at: .init(line: 1),
            remedy: "Save the text as UTF-8")
        #expect(throws: expected) { try JSONValue(parsing: bytes) }
    }

    @Test("Nesting is read to the limit and refused beyond it")
    func depth() throws {
        var options = JSONValue.ParsingOptions()
        #expect(throws: Never.self) { try JSONValue(parsing: nested(256), options: options) }
        #expect(throws: Diagnostic.self) { try JSONValue(parsing: nested(257), options: options) }
        #expect(throws: Diagnostic.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
        options.maximumDepth = 3
        #expect(throws: Never.self) { try JSONValue(parsing: #"[{"a":[1]},[[2]]]"#, options: options) }
        let expected = Diagnostic(
            .badData, "not valid JSON: values are nested more than 3 deep (column 4)", at: .init(line: 1),
            remedy: "Correct the text there")
        #expect(throws: expected) { try JSONValue(parsing: "[[[[1]]]]", options: options) }
    }

    @Test("The deepest document fits the small stack of a secondary thread")
    func smallStack() async throws {
        let text = nested(256)
        let survives = await withCheckedContinuation { continuation in
            let thread = Thread {
                let value = try? JSONValue(parsing: text)
                let copy = try? JSONValue(parsing: text)
                continuation.resume(
                    returning: value?.text == text && value == copy && value?.hashValue == copy?.hashValue
                        && value?.canonicalText == text)
            }
            thread.stackSize = 512 << 10
            thread.start()
        }
        #expect(survives)
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: #"[{"a":"#, count: depth / 2) + (depth % 2 == 1 ? "[]" : "0")
            + String(repeating: "}]", count: depth / 2)
    }

    @Test("Surrogate pairs make one scalar; a lone surrogate becomes U+FFFD and harms nothing around it")
    func surrogates() throws {
        #expect(try JSONValue(parsing: #""\ud83d\ude42""#) == "🙂")
        #expect(try JSONValue(parsing: #""\uD834\uDD1E""#) == "𝄞")
        #expect(try JSONValue(parsing: #""\udbff\udfff""#) == "\u{10FFFF}")
        #expect(try JSONValue(parsing: #""a\ud83db""#) == "a\u{FFFD}b")
        #expect(try JSONValue(parsing: #""\ud83d\ud83d\ude42""#) == "\u{FFFD}🙂")
        #expect(try JSONValue(parsing: #""\ude42\ud83d""#) == "\u{FFFD}\u{FFFD}")
        #expect(try JSONValue(parsing: #""\ud83d\n""#) == "\u{FFFD}\n")
        #expect(try JSONValue(parsing: #""\ud83d\u0041""#) == "\u{FFFD}A")
    }

    @Test("Integers are exact to 64 bits, larger ones are doubles")
    func integers() throws {
        #expect(try JSONValue(parsing: "9223372036854775807") == .integer(.max))
        #expect(try JSONValue(parsing: "-9223372036854775808") == .integer(.min))
        #expect(try JSONValue(parsing: "9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try JSONValue(parsing: "-9223372036854775809") == .number(-9_223_372_036_854_775_808))
        #expect(try JSONValue(parsing: "-0") == .integer(0))
        #expect(try JSONValue(parsing: "1.0") == .number(1))
        #expect(try JSONValue(parsing: "1.0") != .integer(1))
        #expect(try JSONValue(parsing: "-0.0").doubleValue?.sign == .minus)
        #expect(try JSONValue(parsing: "1e2").intValue == 100)
        #expect(try JSONValue(parsing: "1.5").intValue == nil)
    }

    @Test("Numbers that are not finite are read where the reader allows them")
    func notFinite() throws {
        let options = JSONValue.ParsingOptions(allowsNonFiniteNumbers: true)
        let value = try JSONValue(parsing: "[NaN,Infinity,-Infinity,1e999,-1e999]", options: options)
        let numbers = try #require(value.arrayValue).compactMap(\.doubleValue)
        #expect(numbers.first?.isNaN == true)
        #expect(numbers.dropFirst() == [.infinity, -.infinity, .infinity, -.infinity])
        for text in ["NaN", "Infinity", "-Infinity", "1e999"] {
            #expect(throws: Diagnostic.self) { try JSONValue(parsing: text) }
        }
        for text in ["nan", "-NaN", "+Infinity", "Inf", "-Inf"] {
            #expect(throws: Diagnostic.self) { try JSONValue(parsing: text, options: options) }
        }
    }

    @Test("Of repeated keys the last counts, at the first one's place")
    func repeatedKeys() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
    }

    @Test("Keys that are canonically equivalent but differ in bytes are kept apart")
    func byteExactKeys() throws {
        let value = try JSONValue(parsing: #"{"\u00e9":1,"e\u0301":2,"Å":3,"\u212b":4}"#)
        #expect(value.objectValue?.count == 4)
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(value["\u{212B}"] == 4)
    }

    @Test("A file is read whole, and what is wrong with it is said with its name")
    func files() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("{\"a\":\n1}", to: "good.json")
        #expect(try JSONValue(readingFile: good) == ["a": 1])
        let bad = try folder.write("{\"a\":\n}", to: "bad.json")
        #expect(
            throws: Diagnostic(
                .badData, "not valid JSON: a value cannot start with '}' (column 1)", at: .init(file: bad, line: 2),
                remedy: "Correct the text there")
        ) { try JSONValue(readingFile: bad) }
        let empty = try folder.write("", to: "empty.json")
        #expect(
            throws: Diagnostic(
                .badData, "the file is empty", at: .init(file: empty), remedy: "Give a JSON document")
        ) { try JSONValue(readingFile: empty) }
    }
}

import Foundation
import JSON
import Testing

/// The documents of `Tests/Fixtures/json/documents.tsv` and what Python reads in them.
struct ReferenceDocument {
    var bytes: [UInt8]
    /// Python's reading as ``JSONValue/dump`` spells it; `nil` where Python refuses the document.
    var dump: String?
    var text: String

    static func all() throws -> [ReferenceDocument] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let table = try String(contentsOf: folder.appending(path: "Fixtures/json/documents.tsv"), encoding: .utf8)
        return try table.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(fields.count == 3)
            return ReferenceDocument(
                bytes: try bytes(hexadecimal: fields[0]), dump: fields[1] == "invalid" ? nil : String(fields[1]),
                text: String(decoding: try bytes(hexadecimal: fields[2]), as: UTF8.self))
        }
    }

    private static func bytes(hexadecimal text: Substring) throws -> [UInt8] {
        let digits = try text.utf8.map { try #require(Character(Unicode.Scalar($0)).hexDigitValue) }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

extension JSONValue {
    /// Spells every value exactly: doubles by their bits, strings by their bytes, both in hexadecimal.
    var dump: String {
        switch self {
        case .null: "z"
        case .bool(let value): value ? "t" : "f"
        case .integer(let value): "i\(value)"
        case .number(let value): "d" + Self.hexadecimal(withUnsafeBytes(of: value.bitPattern.bigEndian, Array.init))
        case .string(let value): "s" + Self.hexadecimal(Array(value.utf8))
        case .array(let elements): "[" + elements.map(\.dump).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.hexadecimal(Array($0.key.utf8)) + ":" + $0.value.dump }.joined(separator: ",")
                + "}"
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

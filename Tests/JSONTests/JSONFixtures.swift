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

/// A repeatable generator (SplitMix64; Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Damages a document in one to three places: bytes changed, removed, repeated, or put in.
func mutant(of document: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
    var bytes = document
    let telling =
        Array(#"{}[]",:\0123456789eE+-.tfnuNI "#.utf8) + [0x0A, 0x0D, 0x00, 0xFF, 0xC3, 0xED, 0xEF, 0xBB, 0xBF]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
        switch Int.random(in: 0..<5, using: &generator) {
        case 0 where place < bytes.count: bytes[place] = telling.randomElement(using: &generator) ?? 0
        case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
        default: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: place)
        }
    }
    return bytes
}

/// How many mutants a fuzz test makes: a few thousand, or what `ASSAY_SOAK` says.
var mutantCount: Int { ProcessInfo.processInfo.environment["ASSAY_SOAK"].flatMap(Int.init) ?? 3000 }

import Diagnostics
import Experiment
import Foundation
import Testing

/// Damaged rows are read or refused, never worse; `ASSAY_SOAK=100000` makes that many.
@Suite struct RowFuzzTests {
    /// `#` is replaced by a number, so that most ids differ.
    static let seeds = [
        ##"{"id":"a#","prompt":"p","responses":["x","y"],"domain":"math"}"##,
        ##"{"prompt":[{"role":"user","content":"q"},{"role":"assistant","content":"é"}],"response":"x"}"##,
        ##"{"id":#,"prompt":"p","chosen":"x","rejected":["y","z"],"response":null}"##,
        ##"{"prompt":"p","chosen":["x"],"rejected":"y"}"##,
    ]

    @Test("Damaged rows are read whole or give errors with file and line, and the others are read as they are")
    func mutants() throws {
        var generator = SplitMix64(state: 17)
        var text: [UInt8] = []
        for number in 0..<mutantCount {
            let seed = (Self.seeds.randomElement(using: &generator) ?? "").replacing("#", with: String(number))
            text += mutant(of: Array(seed.utf8), using: &generator) + [0x0A]
            text += Array("{\"id\":\"good\(number)\",\"prompt\":\"p\",\"response\":\"x\"}\n".utf8)
        }
        let found = try readAll(try RowsFile(text))
        #expect(found.good == mutantCount)
        #expect(found.rows > found.good && found.errors > 0)
    }

    private func readAll(_ file: RowsFile) throws -> (rows: Int, good: Int, errors: Int) {
        let reader = try RowReader(path: file.path)
        var found = (rows: 0, good: 0, errors: 0)
        while true {
            do throws(Diagnostic) {
                guard let row = try reader.next() else { return found }
                expectWhole(row)
                found.rows += 1
                if row.group.id.hasPrefix("good") { found.good += 1 }
            } catch {
                #expect(error.category == .badData && error.location.file == file.path && error.location.line != nil)
                found.errors += 1
            }
        }
    }

    private func expectWhole(_ row: Row) {
        let group = row.group
        #expect(!group.id.isEmpty && !group.responses.isEmpty && !group.responses.contains(""))
        #expect(row.chosen.isEmpty == row.rejected.isEmpty)
        #expect(row.chosen.isEmpty || row.chosen + row.rejected == Array(group.responses.indices))
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

/// Damages a text in one to three places.
func mutant(of text: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
    var bytes = text
    let telling = Array("{}[]\",:\\\n0n".utf8) + [0x00, 0xFF]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 1...9, using: &generator))
        switch Int.random(in: 0..<4, using: &generator) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
        default: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: place)
        }
    }
    return bytes
}

/// How many mutants a fuzz test makes: a few thousand, or what `ASSAY_SOAK` says.
var mutantCount: Int { ProcessInfo.processInfo.environment["ASSAY_SOAK"].flatMap(Int.init) ?? 3000 }

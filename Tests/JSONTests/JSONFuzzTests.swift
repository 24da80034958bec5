import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import JSON

/// Damaged input never crashes, hangs or blows up; `ASSAY_SOAK=100000` makes that many mutants of each kind.
@Suite struct JSONFuzzTests {
    @Test("A damaged document is read or refused; what is read is written and read back alike")
    func documents() throws {
        let documents = try ReferenceDocument.all().map(\.bytes)
        var generator = SplitMix64(state: 11)
        var (read, refused) = (0, 0)
        for _ in 0..<Soak.mutants() {
            let bytes = Mutation.json.mutant(of: documents.randomElement(using: &generator) ?? [], using: &generator)
            do throws(Diagnostic) {
                let value = try JSONValue(parsing: bytes)
                #expect(try JSONValue(parsing: value.text).dump == value.dump)
                read += 1
            } catch {
                #expect(error.category == .badData && error.location.line != nil, "\(bytes)")
                refused += 1
            }
        }
        #expect(read > 0 && refused > 0)
    }

    @Test("The lines of a damaged file are those that a plain split finds")
    func lines() throws {
        let documents = try ReferenceDocument.all().map(\.bytes)
        let folder = try TemporaryFolder()
        var generator = SplitMix64(state: 13)
        for _ in 0..<Soak.mutants() {
            let endings: [[UInt8]] = [[0x0A], [0x0D, 0x0A], [0x0A, 0x0A]]
            let whole = (0..<4).flatMap { _ in
                (documents.randomElement(using: &generator) ?? []).prefix(200)
                    + (endings.randomElement(using: &generator) ?? [])
            }
            let bytes = Mutation.json.mutant(of: whole, using: &generator)
            let path = try folder.write(bytes, to: "mutant.jsonl")
            let chunkLength = Int.random(in: 1...300, using: &generator)
            try expectPlainSplit(of: bytes, path: path, chunkLength: chunkLength)
            try expectValuesOrErrors(path: path, chunkLength: chunkLength)
        }
    }

    /// Holds the raw lines to those of the whole file, split at once.
    private func expectPlainSplit(of bytes: [UInt8], path: String, chunkLength: Int) throws {
        let reader = try JSONLines(path: path, allowsEmpty: true, chunkLength: chunkLength)
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            var line = line
            if index == 0, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
            if line.last == 0x0D { line = line.dropLast() }
            guard line.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
            let read = try reader.nextLine()
            #expect(read?.number == index + 1 && read?.bytes == Array(line), "\(bytes)")
        }
        #expect(try reader.nextLine() == nil)
    }

    private func expectValuesOrErrors(path: String, chunkLength: Int) throws {
        let reader = try JSONLines(path: path, maximumLineLength: 150, chunkLength: chunkLength)
        var last = 0
        while true {
            do throws(Diagnostic) {
                guard let (number, _) = try reader.next() else { return }
                #expect(number > last)
                last = number
            } catch {
                #expect(error.category == .badData && error.location.file == path)
                guard let line = error.location.line else { return }
                #expect(line > last)
                last = line
            }
        }
    }
}

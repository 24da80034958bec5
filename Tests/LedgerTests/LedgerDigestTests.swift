import Diagnostics
import Foundation
import JSON
import Ledger
import Testing

@Suite struct LedgerDigestTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.file("assay.sqlite"))
    }

    private func write(_ description: RunDescription = .example, rows: [[Int]], point: Double = 0.5) throws -> RunID {
        let id = try ledger.beginRun(description)
        for batch in rows {
            try ledger.appendScores(
                batch.flatMap { [.example(row: $0), .example(reward: 1, row: $0)] }, to: id,
                cost: RunCost(seconds: .random(in: 0...1), tokens: 1))
        }
        try ledger.replaceResults([ResultRecord(reward: 0, metric: "accuracy", point: point, n: 4, ties: 0)], of: id)
        try ledger.finishRun(id, as: .done)
        return id
    }

    @Test("A run's digest is the one that Python computes over the same file, on every platform")
    func pinned() throws {
        let id = try write(rows: [[0, 1], [2, 3]])
        // python3 scripts/fixtures/ledger_digest.py, on the file that this test writes
        #expect(try ledger.digest(of: id) == "8995cc2127e9a7302dcf8a6ef3ab300697be45999ed06e4cdce2b0668991651b")
    }

    @Test("A run that was interrupted and computed a batch again has the digest of one that was not")
    func resumption() throws {
        var asked = RunDescription.example
        asked.commandLine = ["assay", "score", "--resume"]
        asked.outputPath = "elsewhere.jsonl"
        let straight = try write(rows: [[0, 1], [2, 3]])
        let resumed = try write(asked, rows: [[2, 3], [0, 1], [2, 3]])
        #expect(try ledger.digest(of: straight) == ledger.digest(of: resumed))
    }

    @Test("Every change of content changes the digest")
    func sensitivity() throws {
        let digest = try ledger.digest(of: try write(rows: [[0, 1]]))
        var others = Set([digest])
        func expectNew(_ id: RunID) throws { #expect(others.insert(try ledger.digest(of: id)).inserted) }

        try expectNew(write(rows: [[0, 2]]))
        try expectNew(write(rows: [[0]]))
        try expectNew(write(rows: [[0, 1]], point: 0.5.nextUp))
        let changes: [(inout RunDescription) -> Void] = [
            { $0.verb = "bench" }, { $0.settings = [:] }, { $0.provenance = [:] }, { $0.machine = [:] },
        ]
        for change in changes {
            var description = RunDescription.example
            change(&description)
            try expectNew(write(description, rows: [[0, 1]]))
        }
        let failed = try write(rows: [[0, 1]])
        try ledger.finishRun(failed, as: .partial)
        try expectNew(failed)
        let rescored = try write(rows: [[0, 1]])
        var record = ScoreRecord.example(row: 1)
        record.scores[0] = record.scores[0].nextUp
        try ledger.appendScores([record], to: rescored)
        try expectNew(rescored)
        record.perToken = [[1], [2]]
        try ledger.appendScores([record], to: rescored)
        try expectNew(rescored)
    }

    @Test("A known text and a file of many chunks have the digests that sha256sum gives")
    func sha256() throws {
        // printf abc | sha256sum
        #expect(
            SHA256Digest.hexadecimal(of: "abc".utf8)
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        // python3 -c "import hashlib; print(hashlib.sha256(bytes(i * i % 251 for i in range(3_000_001))).hexdigest())"
        let path = try folder.write((0..<3_000_001).map { UInt8($0 * $0 % 251) }, to: "big")
        #expect(
            try SHA256Digest.hexadecimal(ofFile: path)
                == "e0ecec5d5cf35a13c1694efd43388957a9eb23ca59530604b024a3df45d3d3cb")
    }

    @Test("A file's digest is remembered while the file stays as it is, and renewed when it changes")
    func files() throws {
        let path = try folder.write("one".utf8, to: "model.safetensors")
        let long = Date(timeIntervalSinceNow: -60)
        try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: path)
        let first = try ledger.digest(ofFile: path)
        #expect(first == SHA256Digest.hexadecimal(of: "one".utf8))

        // The same length, time and inode: the remembered digest shows that the file was not read again.
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.write(contentsOf: Data("two".utf8))
        try file.close()
        try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: path)
        #expect(try ledger.digest(ofFile: path) == first)

        try FileManager.default.setAttributes([.modificationDate: long.addingTimeInterval(1)], ofItemAtPath: path)
        #expect(try ledger.digest(ofFile: path) == SHA256Digest.hexadecimal(of: "two".utf8))
        _ = try folder.write("three".utf8, to: "model.safetensors")
        #expect(try ledger.digest(ofFile: path) == SHA256Digest.hexadecimal(of: "three".utf8))
    }

    @Test("A file that was only just written is read again, for its time of modification may hide another change")
    func freshFiles() throws {
        let path = try folder.write("one".utf8, to: "fresh")
        #expect(try ledger.digest(ofFile: path) == SHA256Digest.hexadecimal(of: "one".utf8))
        let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.write(contentsOf: Data("two".utf8))
        try file.close()
        try FileManager.default.setAttributes([.modificationDate: try #require(time)], ofItemAtPath: path)
        #expect(try ledger.digest(ofFile: path) == SHA256Digest.hexadecimal(of: "two".utf8))
    }

    @Test("A file that is not there and a folder are errors")
    func missingFile() {
        let missing = folder.file("none")
        #expect(
            throws: Diagnostic(
                .inputMissing, "there is no such file", at: .init(file: missing),
                remedy: "Check the path and its permissions")
        ) { try ledger.digest(ofFile: missing) }
        #expect(throws: Diagnostic.self) { try ledger.digest(ofFile: folder.path) }
    }
}

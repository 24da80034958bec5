import Diagnostics
import Foundation
import JSON
import Ledger
import Testing

@Suite struct LedgerRunTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.file("assay.sqlite"))
    }

    @Test("A run comes back as it was begun, also after the file was closed")
    func roundTrip() throws {
        let before = Date(timeIntervalSince1970: Date().timeIntervalSince1970 - 0.001)
        let id = try ledger.beginRun(.example)
        let reopened = try Ledger(path: ledger.path)
        let run = try #require(try reopened.run(id))
        #expect(run.id == id && run.status == .running && run.finished == nil && run.cost == RunCost())
        #expect(run.started >= before && run.started <= Date())
        #expect(run.description.settings.canonicalText == RunDescription.example.settings.canonicalText)
        #expect(run.description.provenance.canonicalText == RunDescription.example.provenance.canonicalText)
        #expect(run.description.commandLine == RunDescription.example.commandLine)
        #expect(run.description.outputPath == "out.jsonl")
        #expect(run.description.settingsDigest == RunDescription.example.settingsDigest)
    }

    @Test("A run ends with its status, its time and all its costs summed")
    func finish() throws {
        let id = try ledger.beginRun(.example)
        try ledger.appendScores([.example(row: 0)], to: id, cost: RunCost(seconds: 1.5, tokens: 10))
        try ledger.finishRun(id, as: .interrupted, cost: RunCost(seconds: 0.25))
        #expect(try ledger.run(id)?.status == .interrupted)
        #expect(try ledger.run(id)?.finished != nil)
        try ledger.resumeRun(id)
        #expect(try ledger.run(id)?.status == .running)
        #expect(try ledger.run(id)?.finished == nil)
        try ledger.finishRun(id, as: .done, cost: RunCost(seconds: 1, tokens: 5))
        let run = try #require(try ledger.run(id))
        #expect(run.cost == RunCost(seconds: 2.75, tokens: 15))
        #expect(try #require(run.finished) >= run.started)
    }

    @Test("Provenance can be recorded once it is known")
    func provenance() throws {
        let id = try ledger.beginRun(.example)
        try ledger.setProvenance(["checkpoint": "cd34"], of: id)
        #expect(try ledger.run(id)?.description.provenance == ["checkpoint": "cd34"])
    }

    @Test("Runs are listed with the latest first, and their names sort by time")
    func listing() async throws {
        var ids: [RunID] = []
        for _ in 0..<5 {
            ids.append(try ledger.beginRun(.example))
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(try ledger.runs().map(\.id) == ids.reversed())
        #expect(try ledger.runs(limit: 2).map(\.id) == [ids[4], ids[3]])
        #expect(ids.map(\.rawValue) == ids.map(\.rawValue).sorted())
    }

    @Test("The run to resume is the latest of the same verb, settings and output, unless that is done")
    func resumable() throws {
        func resumable(_ description: RunDescription) throws -> RunID? {
            try ledger.latestResumableRun(
                verb: description.verb, settingsDigest: description.settingsDigest, outputPath: description.outputPath)?
                .id
        }
        #expect(try resumable(.example) == nil)
        _ = try ledger.beginRun(.example)
        let second = try ledger.beginRun(.example)
        var other = RunDescription.example
        other.settings = ["seed": 8]
        var elsewhere = RunDescription.example
        elsewhere.outputPath = nil
        let third = try ledger.beginRun(elsewhere)
        #expect(try resumable(.example) == second)
        #expect(try resumable(elsewhere) == third)
        #expect(try resumable(other) == nil)
        for status in [RunStatus.failed, .interrupted, .partial] {
            try ledger.finishRun(second, as: status)
            #expect(try resumable(.example) == second)
        }
        try ledger.finishRun(second, as: .done)
        #expect(try resumable(.example) == nil)
    }

    @Test("The settings' digest does not see the order of keys, and sees every value")
    func settingsDigest() {
        var description = RunDescription(verb: "score", settings: ["a": 1, "b": 2.5])
        let digest = description.settingsDigest
        // printf '{"a":1,"b":2.5}' | sha256sum
        #expect(digest == "85f690f66555cf39f8026463b2ed3d25a11fb4f1a9fea65051208e9ec9050629")
        description.settings = ["b": 2.5, "a": 1]
        #expect(description.settingsDigest == digest)
        description.settings = ["a": 1.0, "b": 2.5]
        #expect(description.settingsDigest != digest)
    }

    @Test("What is asked of a run that is not there is an error that names it")
    func missingRun() throws {
        let none = RunID(rawValue: "none")
        let expected = Diagnostic(
            .inputMissing, "there is no run 'none' in the ledger", at: .init(file: ledger.path),
            remedy: "Name one of its runs")
        #expect(try ledger.run(none) == nil)
        #expect(try ledger.scores(of: none, reward: 0).isEmpty)
        #expect(throws: expected) { try ledger.finishRun(none, as: .done) }
        #expect(throws: expected) { try ledger.resumeRun(none) }
        #expect(throws: expected) { try ledger.setProvenance([:], of: none) }
        #expect(throws: expected) { try ledger.appendScores([.example(row: 0)], to: none) }
        #expect(throws: expected) { try ledger.replaceResults([], of: none) }
        #expect(throws: expected) { try ledger.digest(of: none) }
    }
}

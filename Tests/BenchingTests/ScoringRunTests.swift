import Diagnostics
import Experiment
import Foundation
import JSON
import Ledger
import Rewards
import TestSupport
import Testing

@testable import Benching

struct ScoringRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func request(
        _ reward: String = "rule:length", input: String = "rows.jsonl", output: String = "out.jsonl"
    ) throws -> ScoringRequest {
        var request = ScoringRequest(
            reward: try RewardSpec(parsing: reward), input: folder.file(input), output: folder.file(output))
        request.options.ledgerPath = folder.file("ledger.sqlite")
        request.options.isQuiet = true
        return request
    }

    private func resuming(_ request: ScoringRequest) -> ScoringRequest {
        var copy = request
        copy.options.resumes = true
        return copy
    }

    @Test("An output line a row, in input order, and the same in the ledger")
    func scores() async throws {
        try folder.write(rows(300), to: "rows.jsonl")
        let summary = try await ScoringRun(request()).run()
        let lines = try String(decoding: folder.bytes("out.jsonl"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 300)
        #expect(lines[0] == #"{"id":"r0","scores":[3.0,18.0],"tokens":[0,0],"truncated":[false,false]}"#)
        let ledger = try Ledger(path: folder.file("ledger.sqlite"))
        let records = try ledger.scores(of: RunID(rawValue: summary.run), reward: 0)
        #expect(
            records.map { GroupScore(id: $0.rowID, scores: $0.scores, tokens: $0.tokens, truncated: $0.truncated).line }
                == lines.map { $0 + "\n" })
        #expect(try ledger.run(RunID(rawValue: summary.run))?.status == .done)
    }

    @Test("Cut short anywhere, the output of a resumed run has the same bytes, and the ledger the same digest")
    func resumes() async throws {
        try folder.write(rows(700), to: "rows.jsonl")
        let summary = try await ScoringRun(request()).run()
        let whole = try folder.bytes("out.jsonl")
        let ledger = try Ledger(path: folder.file("ledger.sqlite"))
        let digest = try ledger.digest(of: RunID(rawValue: summary.run))
        for part in 0...12 {
            try whole.prefix(whole.count * part / 12 - part % 3).write(to: URL(filePath: folder.file("out.jsonl")))
            let resumed = try await ScoringRun(resuming(request())).run()
            #expect(try folder.bytes("out.jsonl") == whole, "cut at \(part)/12")
            #expect(resumed.run == summary.run)
            #expect(resumed.keptRows % 256 == 0 || resumed.keptRows == 700)
            #expect(try ledger.digest(of: RunID(rawValue: summary.run)) == digest)
        }
    }

    @Test("What another hand put into the output is computed again")
    func rejectsForeignLines() async throws {
        try folder.write(rows(300), to: "rows.jsonl")
        _ = try await ScoringRun(request()).run()
        let whole = try folder.bytes("out.jsonl")
        let text = String(decoding: whole, as: UTF8.self)
        for (old, new) in [
            ("\"r5\"", "\"r6\""), ("[3.0,18.0]", "[4.0,18.0]"), ("[3.0,18.0]", "[3.0]"),
            ("\n{\"id\":\"r9\"", "\n\n{\"id\":\"r9\""),
        ] {
            try folder.write(text.replacing(old, with: new, maxReplacements: 1), to: "out.jsonl")
            let summary = try await ScoringRun(resuming(request())).run()
            #expect(summary.keptRows == 0)
            #expect(try folder.bytes("out.jsonl") == whole)
        }
    }

    @Test("Garbage after the last whole batch is cut off")
    func cutsGarbage() async throws {
        try folder.write(rows(300), to: "rows.jsonl")
        _ = try await ScoringRun(request()).run()
        let whole = try folder.bytes("out.jsonl")
        try (whole.prefix(whole.count - 9) + Data(repeating: 0, count: 500)).write(
            to: URL(filePath: folder.file("out.jsonl")))
        #expect(try await ScoringRun(resuming(request())).run().keptRows == 256)
        #expect(try folder.bytes("out.jsonl") == whole)
    }

    @Test("A run that is done and resumed has nothing left to do")
    func done() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        _ = try await ScoringRun(request()).run()
        let summary = try await ScoringRun(resuming(request())).run()
        #expect(summary.keptRows == 3)
        #expect(summary.text.hasPrefix("all 3 rows were scored before; there was nothing left to do\n"))
    }

    @Test("--resume begins a run where there is none")
    func resumesNothing() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        #expect(try await ScoringRun(resuming(request())).run().keptRows == 0)
    }

    @Test("An output that is there is an error, unless it is resumed or overwritten")
    func existing() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        try folder.write("mine\n", to: "out.jsonl")
        let error = await diagnostic { _ = try await ScoringRun(request()).run() }
        #expect(error?.category == .usage)
        #expect(error?.message == "the output file is there already")
        #expect(try folder.bytes("out.jsonl") == Data("mine\n".utf8))
        var anew = try request()
        anew.overwrites = true
        #expect(try await ScoringRun(anew).run().rows == 3)
    }

    @Test("Resuming with other settings says which differ and leaves the output as it is")
    func changedSettings() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        _ = try await ScoringRun(request()).run()
        let whole = try folder.bytes("out.jsonl")
        var other = resuming(try request("rule:markdown"))
        other.options.limit = 2
        let error = await diagnostic { _ = try await ScoringRun(other).run() }
        #expect(error?.category == .usage)
        #expect(
            error?.message
                == "the run that wrote this file had other settings: limit (null then, 2 now), reward (rule:length then, rule:markdown now)"
        )
        #expect(try folder.bytes("out.jsonl") == whole)
    }

    @Test("Resuming after the input changed says so")
    func changedInput() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        _ = try await ScoringRun(request()).run()
        try folder.write(rows(4), to: "rows.jsonl")
        let error = await diagnostic { _ = try await ScoringRun(resuming(request())).run() }
        #expect(error?.message.hasPrefix("the run that wrote this file had other settings: input (") == true)
    }

    @Test("Resuming a file that the ledger does not know is refused")
    func unknownRun() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        try folder.write("mine\n", to: "out.jsonl")
        let error = await diagnostic { _ = try await ScoringRun(resuming(request())).run() }
        #expect(error?.message.contains("knows no run that wrote this file") == true)
        #expect(try folder.bytes("out.jsonl") == Data("mine\n".utf8))
    }

    @Test("Bad rows that are skipped have their error in the output and the ledger")
    func skipsBadRows() async throws {
        let bad = "{\"id\":\"b\",\"prompt\":\"p\",\"responses\":[\"\"]}\nnot json\n"
        try folder.write(rows(2) + bad + "{\"id\":\"c\",\"prompt\":\"p\",\"response\":\"x\"}\n", to: "rows.jsonl")
        var skipping = try request()
        skipping.skipsBadRows = true
        let summary = try await ScoringRun(skipping).run()
        #expect(summary.failures.map(\.id) == ["row-3", "row-4"])
        #expect(summary.failure?.category == .partial)
        let lines = try String(decoding: folder.bytes("out.jsonl"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 5)
        #expect(
            lines[2]
                == #"{"id":"row-3","error":"line 3: responses[0]: the response is empty. Give it a text, or remove it from the row."}"#
        )
        let ledger = try Ledger(path: folder.file("ledger.sqlite"))
        #expect(try ledger.run(RunID(rawValue: summary.run))?.status == .partial)
        #expect(try ledger.scoredRows(of: RunID(rawValue: summary.run), reward: 0) == [0, 1, 4])
        let again = try await ScoringRun(resuming(skipping)).run()
        #expect(again.failures == summary.failures)
        #expect(again.keptRows == 5)
    }

    @Test("A bad row is told before anything is scored")
    func checksFirst() async throws {
        try folder.write(rows(600) + "{}\n", to: "rows.jsonl")
        let error = await diagnostic { _ = try await ScoringRun(request()).run() }
        #expect(error?.location.line == 601)
        #expect(!FileManager.default.fileExists(atPath: folder.file("out.jsonl")))
    }

    @Test("An interrupted run says how to go on, is marked in the ledger, and goes on")
    func interrupts() async throws {
        try folder.write(rows(300), to: "rows.jsonl")
        var asked = try request()
        asked.options.commandLine = CommandLineRecord(["assay", "score"])
        let interruption = Interruption()
        #expect(!interruption.request())
        let error = await diagnostic { _ = try await ScoringRun(asked, interruption: interruption).run() }
        #expect(error?.category == .interrupted)
        #expect(error?.description == "interrupted after 0 of 300 rows. Go on with: assay score --resume.")
        #expect(try Ledger(path: folder.file("ledger.sqlite")).runs()[0].status == .interrupted)
        #expect(try await ScoringRun(resuming(asked)).run().rows == 300)
    }

    @Test("Two processes cannot write one output")
    func locks() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        let held = try OutputFile(path: folder.file("out.jsonl"))
        let error = await diagnostic { _ = try await ScoringRun(resuming(request())).run() }
        #expect(error?.category == .unavailable)
        #expect(error?.message == "another process is writing this file")
        withExtendedLifetime(held) {}
    }

    @Test("A reward without token rewards refuses --per-token, and leaves no empty output")
    func perToken() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        var asked = try request()
        asked.options.model.wantsPerToken = true
        let error = await diagnostic { _ = try await ScoringRun(asked).run() }
        #expect(error?.message == "rule has no rewards per token")
        #expect(!FileManager.default.fileExists(atPath: folder.file("out.jsonl")))
    }

    @Test("A full disk is an error that says how to go on")
    func fullDisk() async throws {
        try folder.write(rows(3), to: "rows.jsonl")
        var asked = try request()
        asked.output = "/dev/full"
        let error = await diagnostic { _ = try await ScoringRun(asked).run() }
        #expect(error?.category == .unavailable)
        #expect(error?.message == "there is no room to write on (No space left on device)")
    }

    @Test("A forecast counts and writes nothing")
    func forecast() async throws {
        try folder.write(rows(300), to: "rows.jsonl")
        let forecast = try await ScoringRun(request()).forecast()
        #expect(forecast.parts[0].rows == 300)
        #expect(forecast.seconds == 0)
        #expect(forecast.text.hasPrefix("rule:length\n  rows        300, 900 responses\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["rows.jsonl"])
    }
}

struct BatchScorerTests {
    private let group = Group(
        id: "a", prompt: .text("p"), responses: ["x", "y"], source: .init(file: "f.jsonl", line: 7))

    @Test("A NaN is an error that names row and response")
    func notANumber() async {
        let scorer = BatchScorer(reward: ClosureReward { $0.map { GroupScore(id: $0.id, scores: [1, .nan]) } })
        let error = await diagnostic { _ = try await scorer.scores(of: [group]) }
        #expect(
            error?.description
                == "f.jsonl:7: row 'a', responses[1]: the score is NaN. Check the reward on this row, or leave it out with --skip-bad-rows."
        )
    }

    @Test("Where bad rows are skipped, a batch with one is scored row by row")
    func skips() async throws {
        let reward = ClosureReward { groups in
            groups.map { GroupScore(id: $0.id, scores: [Double(groups.count), $0.id == "b" ? .nan : 0]) }
        }
        let other = Group(id: "b", prompt: .text("p"), responses: ["x", "y"])
        let outcomes = try await BatchScorer(reward: reward, skipsBadRows: true).score(
            [.group(group), .group(other)], from: 0)
        #expect(outcomes.map(\.id) == ["a", "b"])
        #expect(outcomes[1].failureMessage?.contains("the score is NaN") == true)
        guard case .score(let score) = outcomes[0] else { Issue.record("the sound row has no score"); return }
        #expect(score.scores == [1, 0])
    }

    @Test("A reward that loses a score is at fault itself")
    func counts() async {
        let scorer = BatchScorer(reward: ClosureReward { $0.map { GroupScore(id: $0.id, scores: [1]) } })
        #expect(await diagnostic { _ = try await scorer.scores(of: [group]) }?.category == .internalFailure)
    }
}

struct BatchingCheckTests {
    private func check(_ reward: ClosureReward, dtype: String = "float32") async throws -> BatchingCheck {
        let groups = (0..<30).map { Group(id: "g\($0)", prompt: .text("p"), responses: ["x", "y"]) }
        var reward = reward
        reward.provenance = ["dtype": .string(dtype)]
        let survey = try await RowSurvey(of: groups, for: reward)
        let workload = Workload(
            spec: try RewardSpec(parsing: "explicit:none"), reward: reward, survey: survey,
            plan: BatchPlan(tokens: survey.tokensComputed, limit: 100)
        ) { places in places.map { groups[$0] } }
        return BatchingCheck(parts: [try await BatchingCheck.check(workload, ScoringOptions())])
    }

    @Test("Scores that depend on their company fail the check, which names the row")
    func fails() async throws {
        let check = try await check(
            ClosureReward { groups in
                groups.map { GroupScore(id: $0.id, scores: [1, 1 + 1e-4 * Double(groups.count)]) }
            })
        #expect(check.failure?.category == .verdictFailed)
        #expect(check.text.contains("DOES NOT HOLD"))
        #expect(check.parts[0].deviations.allSatisfy { $0.row.hasPrefix("g") })
    }

    @Test("The tolerance is the element type's, and relative to the terms")
    func tolerance() async throws {
        let reward = ClosureReward { groups in
            groups.map { group in
                let shift = 4e-6 * Double(groups.count)
                return GroupScore(id: group.id, scores: [shift, 0], perToken: [[5, -5 + shift], [1]])
            }
        }
        let holding = try await check(reward)
        #expect(holding.failure == nil)
        #expect(holding.parts[0].tolerance == 1e-5)
        #expect(
            try await check(reward, dtype: "bfloat16").parts[0].tolerance == BatchingCheck.tolerance(dtype: "bfloat16"))
    }
}

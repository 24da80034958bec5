import Diagnostics
import Foundation
import HTTPProxy
import JSON
import Ledger
import TestSupport
import Testing

@testable import Credit

/// Episodes that come from other programs and go to them.
@Suite struct InterchangeTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.file("assay.sqlite"))
    }

    private func read(_ format: EpisodeImport, _ text: String) throws -> [Episode] {
        try folder.write(text, to: "input")
        return try format.read(folder.file("input"), into: ledger).map {
            try Episode(ledger.episode(named: $0.rawValue), in: ledger)
        }
    }

    @Test("OpenAI's chats: each message of an assistant is a decision after all that stands before it")
    func openAI() throws {
        let lines = """
            {"id": "t1", "score": 0.5, "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2+2?"}, \
            {"role": "assistant", "name": "solver", "content": null, "tool_calls": [{"id": "c", "type": "function", "function": \
            {"name": "add", "arguments": "{\\"a\\": 2}"}}]}, {"role": "tool", "tool_call_id": "c", "content": "4"}, \
            {"role": "assistant", "content": "4"}]}
            {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
            """
        let episodes = try read(.openAI, lines + "\n")
        #expect(episodes.map(\.decisions.count) == [2, 1])
        #expect(episodes[0].record.description.task == "t1" && episodes[0].record.outcome == 0.5)
        #expect(episodes[0].decisions.map(\.role) == ["solver", "assistant"] && episodes[0].blockCount == 2)
        #expect(episodes[0].decisions[0].choices[0].toolCalls.map(\.name) == ["add"])
        let before = try JSONValue(parsing: episodes[0].decisions[1].exchange.request)["messages"]?.arrayValue
        #expect(before?.count == 4 && episodes[0].decisions[1].choices[0].text == "4")
        #expect(episodes[1].record.outcome == nil && episodes[1].record.status == .imported)
    }

    @Test("Who&When: agents by name, and what the annotator said")
    func whoAndWhen() throws {
        let text = """
            {"question": "Q", "question_ID": "7", "is_correct": false, "mistake_agent": "Expert", "mistake_step": "1", \
            "history": [{"role": "user", "name": "human", "content": "Go"}, {"role": "user", "name": "Expert", "content": "A"}, \
            {"role": "assistant", "name": "Checker", "content": "B"}]}
            """
        let episode = try #require(try read(.whoAndWhen, text).first)
        #expect(episode.decisions.map(\.role) == ["Expert", "Checker"] && episode.record.outcome == 0)
        #expect(episode.settings.notes["mistake_agent"] == "Expert")
    }

    @Test("Every file of Who&When is read, where it is there")
    func allOfWhoAndWhen() throws {
        let place = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../../shared/data/who-and-when")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        guard !names.isEmpty else { return print("allOfWhoAndWhen skipped: the data is not here") }
        for name in names where name.hasSuffix(".json") {
            let made = try EpisodeImport.whoAndWhen.read(place.appending(path: name).path, into: ledger)
            #expect(try !ledger.exchanges(of: made[0]).isEmpty, "\(name)")
        }
        #expect(try !RoleStatistics.all(in: ledger).isEmpty)
    }

    @Test(
        "What has another format is an error with its place",
        arguments: [
            (EpisodeImport.openAI, "{\"messages\": [1]}", "messages[0]"), (.openAI, "{}", "messages"),
            (.whoAndWhen, "{\"history\": []}", "history"),
            (.atif, "{\"steps\": [{\"source\": \"agent\"}]}", "steps[0]"),
        ])
    func wrong(format: EpisodeImport, text: String, field: String) throws {
        let error = #expect(throws: Diagnostic.self) { try read(format, text) }
        #expect(error?.category == .badData && error?.location.field == field)
        #expect(error?.location.file == folder.file("input"))
    }

    @Test("A credited episode is exported in three formats, and ATIF comes back as it was")
    func roundTrip() async throws {
        let upstream = PlantedUpstream(try PlantedUpstream.review(), delay: 0.02)
        let place = try TemporaryFolder()
        let (source, episode) = try await upstream.run { url in
            let (_, ledger, episode) = try await AgentProgram.record(in: place, upstream: url)
            var settings = CreditSettings()
            settings.replays = 3
            settings.isForced = true
            _ = try await EpisodeEstimation(episode, ["python3", "agents.py"], settings).estimate(in: ledger)
            return (ledger, episode)
        }
        let finding = try CreditFinding.latest(of: episode.id, in: source)
        let advantages = try EpisodeExport.advantages.text(of: episode, finding).split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
        #expect(advantages.map { $0["role"]?.stringValue } == episode.decisions.map(\.role))
        #expect(advantages.map { $0["shared_by"]?.intValue } == [1, 2, 2, 1, 1])
        #expect(
            advantages.map { $0["advantage"]?.doubleValue }
                == episode.decisions.map {
                    finding.credit(ofDecision: $0.number)?.point
                })
        let scores = try EpisodeExport.langfuse.text(of: episode, finding).split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
        #expect(scores.count == 5 && scores.allSatisfy { $0["name"] == "credit" && $0["dataType"] == "NUMERIC" })
        #expect(Set(scores.compactMap { $0["id"]?.stringValue }).count == 5)
        let back = try #require(try read(.atif, EpisodeExport.atif.text(of: episode, finding)).first)
        #expect(back.record.outcome == episode.record.outcome)
        #expect(back.decisions.map(\.role) == episode.decisions.map(\.role))
        #expect(back.decisions.map { $0.choices.first?.text } == episode.decisions.map { $0.choices.first?.text })
        #expect(back.decisions.map(\.exchange.tokens) == episode.decisions.map(\.exchange.tokens))
    }
}

import Diagnostics
import Foundation
import HTTPProxy
import JSON
import Ledger
import TestSupport
import Testing
import Worlds

@testable import Credit

/// Episodes that are replayed: real children, real sockets, a real ledger.
@Suite struct ReplayingTests {
    private static let command = ["python3", "agents.py"]

    @Test("A replay from a prefix asks upstream for the rest alone, and the same replay again costs nothing")
    func prefixReplay() async throws {
        let folder = try TemporaryFolder()
        let upstream = PlantedUpstream(try PlantedUpstream.review(), delay: 0.02)
        try await upstream.run { url in
            let (_, ledger, episode) = try await AgentProgram.record(in: folder, upstream: url)
            try await ProgramReplayer.run(episode, Self.command, in: ledger, seed: 5) { (replayer) throws(Diagnostic) in
                for prefix in 0...episode.blockCount {
                    let before = upstream.requests.count
                    let outcome = try await replayer.replay(prefix: prefix, replicate: 0)
                    let expected = episode.decisions.filter { $0.block >= prefix }.count
                    #expect(upstream.requests.count - before == expected)
                    #expect((outcome.usage.tokens == 0) == (expected == 0) && !outcome.isRecorded)
                    let again = try await replayer.replay(prefix: prefix, replicate: 0)
                    #expect(again.isRecorded && again.outcome == outcome.outcome && again.usage == outcome.usage)
                    #expect(upstream.requests.count - before == expected)
                }
            }
            #expect(try ledger.replicates(of: episode.id).count == episode.blockCount + 1)
        }
        let sent = upstream.requests.dropFirst(5).compactMap { try? JSONValue(parsing: $0.body)["seed"]?.intValue }
        #expect(sent.count == upstream.requests.count - 5 && Set(sent).count == sent.count)
    }

    @Test("A program whose request has the time in it is not replayable, and is told where and what to do")
    func notReplayable() async throws {
        let folder = try TemporaryFolder()
        let script = AgentProgram.python.replacing(
            "f\"You are the {role}.\"", with: "f\"You are the {role}. It is {__import__('datetime').datetime.now()}.\"")
        let upstream = PlantedUpstream(try PlantedUpstream.review())
        let (ledger, episode) = try await upstream.run { url in
            let recorded = try await AgentProgram.record(script, in: folder, upstream: url)
            return (recorded.ledger, recorded.episode)
        }
        let verdict = try await ProgramReplayer.run(episode, Self.command, in: ledger, seed: 1) {
            (replayer) throws(Diagnostic) in try await replayer.verdict()
        }
        #expect(!verdict.isReplayable && verdict.matches == 0)
        #expect(verdict.mismatch?.decision == 0 && verdict.mismatch?.place == "/messages/0/content")
        #expect(verdict.mismatch?.cause == .time && verdict.text.contains("--normalize time"))
        #expect(throws: Diagnostic.self) { try verdict.require() }
    }

    @Test(
        "What varies and does not matter is left out of the comparison, by place or by kind",
        arguments: [(["/session"], ["time"]), ([], ["time", "uuid"])])
    func remedies(ignored: [String], normalized: [String]) async throws {
        let folder = try TemporaryFolder()
        let script = AgentProgram.python.replacing(
            "f\"You are the {role}.\"", with: "f\"You are the {role}. It is {__import__('datetime').datetime.now()}.\""
        ).replacing(
            "\"model\": \"planted\",", with: "\"model\": \"planted\", \"session\": str(__import__('uuid').uuid4()),")
        let upstream = PlantedUpstream(try PlantedUpstream.review(), delay: 0.02)
        try await upstream.run { url in
            let (_, ledger, episode) = try await AgentProgram.record(script, in: folder, upstream: url) {
                $0.ignored = ignored
                $0.normalized = normalized
            }
            let before = upstream.requests.count
            let verdict = try await ProgramReplayer.run(episode, Self.command, in: ledger, seed: 1) {
                (replayer) throws(Diagnostic) in try await replayer.verdict()
            }
            #expect(verdict.isReplayable && verdict.matches == 5, "\(verdict.text)")
            #expect(upstream.requests.count == before)
        }
    }

    @Test(
        "A probe says whether seeds are honoured, and where that cannot be told, that it cannot",
        arguments: [(60, true, Optional(true)), (60, false, Optional(false)), (1, true, nil)])
    func probe(replies: Int, isHonoured: Bool, expected: Bool?) async throws {
        let folder = try TemporaryFolder()
        let texts = (0..<replies).map { "\"reply \($0)\"" }.joined(separator: ", ")
        let system = try PlantedSystem(
            parsing: Array(
                "steps: [{name: a, role: r, prompt: Name one., replies: [\(texts)]}]\noutcome: {default: 1}".utf8))
        let script = AgentProgram.python.replacing(
            /(?s)plan = ask.*/, with: "ask('r', 'Name one.')\nprint('{\"score\": 1}')\n")
        try await PlantedUpstream(system, honoursSeed: isHonoured).run { url in
            let (_, ledger, episode) = try await AgentProgram.record(script, in: folder, upstream: url)
            try await ProgramReplayer.run(episode, Self.command, in: ledger, seed: 1) { (replayer) throws(Diagnostic) in
                var verdict = try await replayer.verdict()
                #expect(!verdict.text.contains("seed:") && verdict.json["honours-seed"] == nil)
                verdict.honoursSeed = try await replayer.honoursSeed()
                verdict.wasProbed = true
                #expect(verdict.honoursSeed == expected)
                #expect(verdict.text.contains(expected == nil ? "cannot tell" : "honour"), "\(verdict.text)")
                #expect(verdict.json["honours-seed"] == expected.map(JSONValue.bool) ?? .null)
            }
        }
    }

    @Test("A swapped decision gets its text, and only what follows is asked for")
    func swap() async throws {
        let folder = try TemporaryFolder()
        let upstream = PlantedUpstream(try PlantedUpstream.review(), delay: 0.02)
        try await upstream.run { url in
            let (_, ledger, episode) = try await AgentProgram.record(in: folder, upstream: url)
            let writer = try #require(episode.decisions.first { $0.role == "writer" })
            let before = upstream.requests.count
            try await ProgramReplayer.run(episode, Self.command, in: ledger, seed: 5) { (replayer) throws(Diagnostic) in
                _ = try await replayer.replay(
                    ReplayRequest(
                        prefix: writer.block, answers: [writer.number: .text("A clear answer.")], use: .contrast,
                        replicate: 0))
            }
            let asked = upstream.requests.dropFirst(before)
            #expect(asked.count == 1)
            #expect(
                asked.first.map { String(decoding: $0.body, as: UTF8.self).contains("<draft>A clear answer.</draft>") }
                    == true)
        }
    }
}

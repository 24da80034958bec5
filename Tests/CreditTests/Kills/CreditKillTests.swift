import Foundation
import HTTPProxy
import JSON
import Ledger
import TestSupport
import Testing

@testable import Credit

/// The built program, killed at any instant: what was recorded stays, and nothing is paid for twice.
@Suite(.serialized) struct CreditKillTests {
    /// Asks again and again and notes outside of its folder what it got.
    private static let chatty = """
        import json, os, subprocess, sys, urllib.request
        child = subprocess.Popen(["sleep", sys.argv[2]])
        for number in range(3000):
            body = {"model": "planted", "messages": [
                {"role": "system", "content": "You are the planner."}, {"role": "user", "content": "Task: Why is the sky blue?"}],
                "metadata": {"number": str(number)}}
            request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json.dumps(body).encode(), {
                "Content-Type": "application/json"})
            with urllib.request.urlopen(request) as answer: json.load(answer)
            with open(sys.argv[1], "a") as notes: notes.write(f"{number}\\n")
            if len(sys.argv) > 3 and number == 9: os.kill(os.getpid(), 9)
        print(json.dumps({"score": 1}))
        """

    private func start(
        _ folder: TemporaryFolder, _ url: String, marker: String, _ further: String...
    ) throws -> BuiltProgram {
        try FileManager.default.createDirectory(atPath: folder.file("work"), withIntermediateDirectories: true)
        try folder.write(Self.chatty, to: "work/chatty.py")
        return try BuiltProgram(
            [
                "credit", "record", "--upstream", url, "--outcome", "stdout-json:/score", "--folder", "work", "--",
                "python3", "chatty.py", folder.file("notes"), marker,
            ] + further, in: folder, environment: ["TMPDIR": try scratch(folder)])
    }

    /// Where runs have their copies of the working folder.
    private func scratch(_ folder: TemporaryFolder) throws -> String {
        try FileManager.default.createDirectory(atPath: folder.file("tmp"), withIntermediateDirectories: true)
        return folder.file("tmp")
    }

    private func notes(_ folder: TemporaryFolder) -> Int {
        (try? folder.bytes("notes"))?.count { $0 == UInt8(ascii: "\n") } ?? 0
    }

    /// Whether a process runs whose command line holds this.
    private func isRunning(_ marker: String) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { name in
            guard Int(name) != nil else { return false }
            let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data()
            return line.split(separator: 0).contains { $0.elementsEqual(marker.utf8) }
        }
    }

    /// Waits until no such process is there.
    private func ends(_ marker: String) async throws -> Bool {
        for _ in 0..<500 {
            if !isRunning(marker) { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    @Test(
        "A recorder that is killed keeps every answer that the program has seen, and takes the program with it",
        arguments: [1, 7, 20])
    func recorder(count: Int) async throws {
        let folder = try TemporaryFolder()
        let upstream = PlantedUpstream(try PlantedUpstream.review(), delay: 0.01)
        let marker = "9\(count)77.\(UInt32.random(in: 0...UInt32.max))"
        try await upstream.run { url in
            let running = try start(folder, url, marker: marker)
            while running.process.isRunning, notes(folder) < count { try await Task.sleep(for: .milliseconds(2)) }
            running.signal(SIGKILL)
            #expect(try await running.ended().code == -SIGKILL)
            #expect(try await ends(marker), "an orphan is left")
        }
        let seen = notes(folder)
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let record = try #require(try ledger.episodes().first)
        let episode = try Episode(record, in: ledger)
        #expect(seen >= count && episode.decisions.count >= seen)
        #expect(episode.decisions.allSatisfy { $0.choices.first?.text.isEmpty == false })
        #expect(upstream.requests.count - episode.decisions.count <= 1)
        let list = try await BuiltProgram(["credit", "list"], in: folder).ended()
        #expect(list.code == 0 && list.output.contains(record.id.rawValue), "\(list.error)")
    }

    @Test("A program that is killed leaves its decisions, a message and no orphan")
    func program() async throws {
        let folder = try TemporaryFolder()
        let upstream = PlantedUpstream(try PlantedUpstream.review())
        let marker = "9377.\(UInt32.random(in: 0...UInt32.max))"
        let result = try await upstream.run { url in
            let result = try await start(folder, url, marker: marker, "die").ended()
            #expect(try await ends(marker), "an orphan is left")
            return result
        }
        #expect(result.code == 137, "\(result)")
        let ledger = try Ledger(path: folder.file("assay.sqlite"))
        let record = try #require(try ledger.episodes().first)
        #expect(record.status == .failed && record.outcome == nil)
        #expect(try Episode(record, in: ledger).decisions.count == 10)
    }

    @Test("An estimate that is killed again and again goes on, ends with the same numbers and pays once")
    func estimator() async throws {
        let folder = try TemporaryFolder()
        let upstream = PlantedUpstream(try PlantedUpstream.review(), delay: 0.01)
        try await upstream.run { url in
            _ = try await AgentProgram.record(in: folder, upstream: url)
            for suffix in ["", "-wal"]
            where FileManager.default.fileExists(atPath: folder.file("assay.sqlite" + suffix)) {
                try FileManager.default.copyItem(
                    atPath: folder.file("assay.sqlite" + suffix), toPath: folder.file("alone.sqlite" + suffix))
            }
            let start = upstream.requests.count
            let alone = try await estimate(folder, "alone.sqlite").ended()
            #expect(alone.code == 0, "\(alone.error)")
            let paid = upstream.requests.count - start
            var stream = SplitMix64(state: 11)
            let kills = 6
            for _ in 0..<kills {
                let target = upstream.requests.count + Int(stream.next() % 12) + 1
                let running = try estimate(folder, "assay.sqlite")
                while running.process.isRunning, upstream.requests.count < target {
                    try await Task.sleep(for: .milliseconds(1))
                }
                #expect(running.process.isRunning, "it ended before it was killed")
                running.signal(SIGKILL)
                _ = try await running.ended()
            }
            let last = try await estimate(folder, "assay.sqlite").ended()
            #expect(last.code == 0, "\(last.error)")
            #expect(try numbers(last) == numbers(alone))
            // A kill can lose what is in flight: of each of two jobs, at most the two decisions of a block.
            #expect(upstream.requests.count - start - 2 * paid <= 4 * kills)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("tmp")) == [])
        }
    }

    private func estimate(_ folder: TemporaryFolder, _ ledger: String) throws -> BuiltProgram {
        try BuiltProgram(
            [
                "credit", "estimate", "latest", "--ledger", ledger, "--replays", "6", "--jobs", "2", "--force",
                "--json",
                "--replays-are-safe", "--resume",
            ], in: folder, environment: ["TMPDIR": try scratch(folder)])
    }

    /// Values and credits, without what was spent.
    private func numbers(_ result: BuiltProgram.Result) throws -> JSONValue {
        let json = try JSONValue(parsing: result.output)
        let values = (json["values"]?.arrayValue ?? []).map { $0["value"] ?? .null }
        return ["values": .array(values), "credits": json["credits"] ?? .null, "luck": json["luck"] ?? .null]
    }
}

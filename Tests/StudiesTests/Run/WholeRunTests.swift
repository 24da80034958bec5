import Diagnostics
import Experiment
import JSON
import Regimes
import Synchronization
import Testing
import Torch

@testable import Studies

/// Whole runs of an arm in a world whose responses cannot be listed.
@Suite(.serialized) struct WholeRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func settings(_ more: JSONObject) -> JSONValue {
        var settings: JSONObject = [
            "world": [
                "kind": "reduce", "group": "symmetric", "order": 3, "lengths": [3, 4], "prompts": 20, "held-out": 6,
            ],
            "policy": ["layers": 1, "width": 24, "heads": 2, "mlp": 48, "base": ["steps": 80]],
            "reward": ["gold"],
            "regime": [
                "kind": "grpo", "steps": 24, "prompts-per-step": 8, "group": 8, "learning-rate": 0.005,
            ],
            "meters": ["every": 1, "exact-every": 0, "held-out-every": 12, "held-out-prompts": 12],
            "checkpoints": ["every": 12],
        ]
        for (key, value) in more { settings[key] = value }
        return .object(settings)
    }

    private func run(_ name: String, _ settings: JSONValue, recorded: Int? = nil) async throws -> [Int: [Reading]] {
        let found = Mutex<[Int: [Reading]]>([:])
        let job = ArmJob(
            study: "s", arm: name, seed: 3, settings: settings, checkpoints: folder.file("runs/\(name)"),
            recordedStep: recorded)
        let outcome = try await PolicyArmRunner().run(job) { (readings) in
            found.withLock { $0[readings.step] = readings.readings.filter { !StepReadings.isTime($0.meter) } }
        }
        guard case .done = outcome else { throw Unfinished(outcome: "\(outcome)") }
        return found.withLock { $0 }
    }

    private struct Unfinished: Error { let outcome: String }

    private func value(_ meter: String, _ readings: [Reading]?) throws -> Double {
        try #require(readings?.first { $0.meter == meter }?.value)
    }

    @Test("In the world reduce gold as reward raises gold on prompts that are not trained on")
    func reduce() async throws {
        let run = try await run("plain", settings([:]))
        #expect(run.count == 25)
        #expect(try value("held-out.gold.mean", run[24]) > value("held-out.gold.mean", run[0]) + 0.03)
        #expect(run[0]?.contains { $0.meter == "exact.gold" } == false)
    }

    @Test("Adapters alone raise it too, and a run that goes on from a checkpoint reads what the whole run reads")
    func adapters() async throws {
        var policy = settings([:]).objectValue?["policy"]?.objectValue ?? [:]
        policy["lora"] = ["rank": 4]
        var regime = settings([:]).objectValue?["regime"]?.objectValue ?? [:]
        regime["learning-rate"] = 0.03
        let settings = settings(["policy": .object(policy), "regime": .object(regime)])
        let whole = try await run("lora", settings)
        #expect(try value("held-out.gold.mean", whole[24]) > value("held-out.gold.mean", whole[0]))
        #expect(try value("held-out.kl.k3", whole[24]) > 0)
        let rest = try await run("lora", settings, recorded: 15)
        #expect(rest.keys.min() == 12)
        for (step, readings) in rest { #expect(whole[step] == readings) }
    }

    @Test(
        "Gold and rewards do not see a hint: a response is worth the same with it",
        arguments: [
            #"{"kind": "reduce", "group": "symmetric", "order": 3, "lengths": [3, 4], "prompts": 12, "held-out": 4}"#,
            #"{"kind": "match", "contents": 3, "styles": 2, "lengths": 2, "noise": 3, "held-out": 1}"#,
            #"{"kind": "lookup", "prompts": 12, "answers": 8, "classes": 2}"#,
        ])
    @TensorActor
    func hintedGold(world: String) async throws {
        let settings = settings([
            "world": try JSONValue(parsing: world), "pieces": [["kind": "hint"]],
        ])
        let arm = try await ArmParts(
            try RunSettings(settings, path: "run", folder: "."), seed: 1, bases: folder.file("bases"))
        guard case .hint(let hint) = arm.parts.pieces[0].kind else { throw Unfinished(outcome: "no hint") }
        for (index, prompt) in arm.world.prompts.enumerated() {
            var hinted = prompt
            hinted.hinted = hint.prompts[index]
            #expect(hinted.read.count > prompt.tokens.count)
            let groups = try PolicySampler(world: arm.world, temperature: 1).sample(
                [(index: index, prompt: hinted)], size: 8, from: arm.reference, seed: 4, step: 0)
            let (seen, plain) = (
                try await arm.world.gold(groups[0].responses, to: groups[0].prompt),
                try await arm.world.gold(groups[0].responses, to: prompt)
            )
            #expect(seen == plain)
        }
    }

    @Test("A hint alone can be run in match, whose gold looks at the prompt")
    func hintInMatch() async throws {
        let steps = try await run(
            "hinted",
            settings([
                "world": ["kind": "match", "contents": 3, "styles": 2, "lengths": 2, "noise": 3, "held-out": 1],
                "pieces": [["kind": "hint"]], "meters": ["every": 1, "exact-every": 12],
            ]))
        #expect(try value("gold.mean", steps[23]) > value("gold.mean", steps[0]))
        #expect(steps[24]?.contains { $0.meter == "withdrawal.gap" } == true)
    }

    @Test("Pieces are read on and off on held-out prompts, and an intervention takes them away in mid-run")
    func pieces() async throws {
        let pieces: JSONValue = [["kind": "verifier", "size": 4], ["kind": "hint"]]
        let whole = try await run("pieces", settings(["pieces": pieces]))
        for step in [0, 12, 24] {
            let (on, off) = (try value("withdrawal.on", whole[step]), try value("withdrawal.off", whole[step]))
            #expect(abs(on - off - (try value("withdrawal.gap", whole[step]))) < 1e-12)
            #expect(on > off)
            let error = try #require(whole[step]?.first { $0.meter == "withdrawal.gap" }?.standardError)
            #expect(error > 0)
        }
        let gone: [JSONValue] = [["at": 12, "remove": "verifier"], ["at": 12, "remove": "hint"]]
        let cut = try await run("cut", settings(["pieces": pieces, "interventions": .array(gone)]))
        for step in 0..<12 { #expect(whole[step] == cut[step]) }
        #expect(whole[13] != cut[13])
        func generated(_ step: Int) throws -> Double {
            try value("cost.tokens-generated", cut[step]) - value("cost.tokens-generated", cut[step - 1])
        }
        #expect(try generated(14) < generated(11) / 2)
    }

    @Test("A reward learned from the reference's samples trains a policy")
    func learned() async throws {
        let run = try await run(
            "learned",
            settings([
                "reward": ["learned?pairs=1500"],
                "policy": ["layers": 2, "width": 24, "heads": 2, "mlp": 48, "base": ["steps": 60]],
            ]))
        #expect(try value("static.accuracy", run[0]) > 0.6)
        func mean(_ steps: Range<Int>) throws -> Double {
            try steps.reduce(0) { $0 + (try value("reward.mean", run[$1])) } / Double(steps.count)
        }
        #expect(try mean(16..<24) > mean(0..<8))
    }

    @Test(
        "A piece that has no place in a run is refused by the plan, with the reason; one that is only read is not",
        arguments: [
            (#"{"kind": "sft"}"#, #"[{"kind": "verifier"}]"#, "sft draws no samples to choose from"),
            (#"{"kind": "grpo", "data": "stale"}"#, #"[{"kind": "hint"}]"#, "stale data are sampled once"),
            (#"{"kind": "best-of-n"}"#, #"[{"kind": "verifier"}]"#, "best-of-n trains nothing"),
            (#"{"kind": "grpo"}"#, #"[{"kind": "hint", "field": "tip"}]"#, "only the rows of a world of prompts"),
            (#"{"kind": "grpo"}"#, #"[{"kind": "verifier"}, {"kind": "verifier"}]"#, "one verifier and one hint"),
            (#"{"kind": "grpo"}"#, #"[{"kind": "verifier", "start": 1}]"#, "start"),
            (#"{"kind": "sft"}"#, #"[{"kind": "verifier", "training": "absent"}]"#, ""),
        ])
    func refusals(regime: String, pieces: String, message: String) throws {
        let settings = settings(["regime": try JSONValue(parsing: regime), "pieces": try JSONValue(parsing: pieces)])
        var found: Diagnostic?
        do { _ = try RunCheck.cost(settings, path: "run", folder: ".") } catch { found = error }
        guard !message.isEmpty else {
            #expect(found == nil)
            return
        }
        #expect(found?.category == .usage)
        #expect(found?.message.contains(message) == true, "\(found?.message ?? "nothing")")
    }
}

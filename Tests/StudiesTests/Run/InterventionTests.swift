import Diagnostics
import Experiment
import JSON
import Synchronization
import Testing
import Torch

@testable import Studies

/// Interventions in a small lookup world, run in this process.
@Suite(.serialized) struct InterventionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let steps = 8
    private static let learned: JSONValue = [
        "name": "proxy", "kind": "learned", "mechanism": "early-stopping", "level": 20, "pairs": 500,
    ]

    private func settings(
        _ interventions: [JSONValue], reward: JSONValue = Self.learned, checkpoints: Int = 0
    ) -> JSONValue {
        [
            "world": ["kind": "lookup", "prompts": 8, "answers": 8, "classes": 2],
            "policy": ["layers": 1, "width": 16, "heads": 2, "mlp": 32], "reward": [reward],
            "regime": [
                "kind": "grpo", "steps": .integer(Self.steps), "prompts-per-step": 4, "group": 8, "learning-rate": 0.01,
            ],
            "meters": ["every": 1, "exact-every": 4], "interventions": .array(interventions),
            "checkpoints": ["every": .integer(checkpoints)],
        ]
    }

    /// Each step's readings but those of clocks, from a run or from what is left of it.
    private func run(_ name: String, _ settings: JSONValue, recorded: Int? = nil) async throws -> [Int: [Reading]] {
        let found = Mutex<[Int: [Reading]]>([:])
        let job = ArmJob(
            study: "s", arm: name, seed: 3, settings: settings, checkpoints: folder.file("runs/\(name)"),
            recordedStep: recorded)
        _ = try await PolicyArmRunner().run(job) { (readings) in
            found.withLock { $0[readings.step] = readings.readings.filter { !StepReadings.isTime($0.meter) } }
        }
        return found.withLock { $0 }
    }

    @Test("A refreshed evaluator gives other rewards from its step on, a frozen one keeps those it had")
    func refresh() async throws {
        let plain = try await run("plain", settings([]))
        let refreshed = try await run("refreshed", settings([["at": 4, "refresh": "proxy"]]))
        func rewards(_ run: [Int: [Reading]], _ step: Int) -> Double? {
            run[step]?.first { $0.meter == "reward.mean" }?.value
        }
        for step in 0..<4 { #expect(rewards(plain, step) == rewards(refreshed, step)) }
        #expect(rewards(plain, 4) != rewards(refreshed, 4))

        var often = Self.learned.objectValue ?? [:]
        often["refresh-every"] = 4
        let frozen = try await run(
            "frozen", settings([["at": 3, "freeze": "proxy"]], reward: .object(often)))
        for step in 0..<Self.steps { #expect(rewards(plain, step) == rewards(frozen, step)) }
    }

    @Test(
        "A reward that is replaced in mid-run is the one that is read, and that an exact gradient follows",
        arguments: ["grpo", "exact-gradient"])
    func replaced(regime: String) async throws {
        func value(_ meter: String, _ run: [Int: [Reading]], _ step: Int) throws -> Double {
            try #require(run[step]?.first { $0.meter == meter }?.value)
        }
        var members =
            settings(
                [["at": 4, "replace": "gold", "with": ["kind": "gold", "weight": -1]]], reward: "gold"
            ).objectValue ?? [:]
        members["regime"] = [
            "kind": .string(regime), "steps": .integer(Self.steps), "prompts-per-step": 8, "group": 8,
            "learning-rate": 0.01,
        ]
        members["meters"] = ["every": 1, "exact-every": 1]
        let run = try await run("replaced \(regime)", .object(members))
        for step in 0..<4 { #expect(try value("exact.reward", run, step) == value("exact.gold", run, step)) }
        for step in 4...Self.steps { #expect(try value("exact.reward", run, step) == -value("exact.gold", run, step)) }
        let gold = try (0...Self.steps).map { try value("exact.gold", run, $0) }
        #expect(gold[4] > gold[0] && gold[Self.steps] < gold[4])
    }

    @Test("Shuffled scores of a reward model are trained anew, too, and of one that is not trained are refused")
    func shuffledRefresh() async throws {
        let sham: JSONValue = ["name": "proxy", "kind": "sham", "members": [["kind": "learned", "pairs": 256]]]
        let plain = try await run("sham", settings([], reward: sham))
        let refreshed = try await run("sham refreshed", settings([["at": 4, "refresh": "proxy"]], reward: sham))
        func spread(_ run: [Int: [Reading]], _ step: Int) -> Double? {
            run[step]?.first { $0.meter == "reward.std" }?.value
        }
        for step in 0..<4 { #expect(spread(plain, step) == spread(refreshed, step)) }
        #expect(spread(plain, 4) != spread(refreshed, 4))
        let gold: JSONValue = ["name": "proxy", "kind": "sham", "members": ["gold"]]
        #expect(throws: Diagnostic.self) {
            try RunSettings(settings([["at": 4, "refresh": "proxy"]], reward: gold), path: "run", folder: ".")
        }
    }

    @Test("The exact reward is of the evaluator that was trained last")
    func refreshedTable() async throws {
        var members = settings([["at": 4, "refresh": "proxy"]]).objectValue ?? [:]
        members["meters"] = ["every": 1, "exact-every": 1]
        // Every prompt and many draws, so that what is sampled is near what is expected.
        members["regime"] = [
            "kind": "grpo", "steps": .integer(Self.steps), "prompts-per-step": 8, "group": 256, "learning-rate": 0,
        ]
        let run = try await run("table", .object(members))
        for step in 0..<Self.steps {
            let sampled = try #require(run[step]?.first { $0.meter == "reward.mean" })
            let exact = try #require(run[step]?.first { $0.meter == "exact.reward" }?.value)
            #expect(abs(try #require(sampled.value) - exact) < 0.1, "step \(step)")
        }
        let (before, after) = (
            run[3]?.first { $0.meter == "exact.reward" }, run[4]?.first { $0.meter == "exact.reward" }
        )
        #expect(before?.value != after?.value)
    }

    @Test(
        "A run that goes on from after a refresh reads what the whole run reads", arguments: ["grpo", "exact-gradient"])
    func resumption(regime: String) async throws {
        var members = settings([["at": 2, "refresh": "proxy"]], checkpoints: 4).objectValue ?? [:]
        members["meters"] = ["every": 1, "exact-every": 1]
        members["regime"] = [
            "kind": .string(regime), "steps": .integer(Self.steps), "prompts-per-step": 4, "group": 8,
            "learning-rate": 0.01,
        ]
        let settings = JSONValue.object(members)
        _ = try RunCheck.cost(settings, path: "run", folder: ".")
        let whole = try await run("whole", settings)
        members["interventions"] = []
        let plain = try await run("plain", .object(members))
        #expect(plain[1] == whole[1] && plain[2] != whole[2] && plain[Self.steps] != whole[Self.steps])
        let rest = try await run("whole", settings, recorded: 5)
        #expect(rest.keys.min() == 4)
        for (step, readings) in rest { #expect(whole[step] == readings) }
    }

    @Test("After a swap of prompts a step trains on the new part only")
    func prompts() async throws {
        let swapped = settings([["at": 4, "prompts": [0.5, 1]]], reward: ["name": "proxy", "kind": "gold"])
        let arm = try await ArmParts(
            try RunSettings(swapped, path: "run", folder: "."), seed: 3, bases: folder.file("bases"))
        let ranges = try await arm.settings.promptRanges(of: arm.world)
        #expect(ranges.map(\.from) == [4])
        #expect(ranges.map(\.range) == [4..<8])
        let plain = try await run("all", settings([], reward: ["name": "proxy", "kind": "gold"]))
        let part = try await run("part", swapped)
        for step in 0..<4 { #expect(plain[step] == part[step]) }
        #expect(plain[Self.steps] != part[Self.steps])
    }

    @Test(
        "An intervention that cannot be says what is wrong",
        arguments: [
            (["at": 4, "refresh": "gold"], "gold is not trained in the run, so it cannot be refreshed or frozen"),
            (["at": 4, "refresh": "nobody"], "the reward has no term 'nobody'"),
            (["at": 4, "freeze": "gold", "remove": "gold"], "an intervention changes exactly one thing"),
            (["at": 4, "with": "gold", "prompts": [0, 1]], "an intervention changes exactly one thing"),
            (["at": 8, "remove": "gold"], "nothing can change at update 8 of a run that has 8"),
            (["at": 4, "regime": ["kind": "tilt"]], "tilt trains nothing, so a run cannot go on with it"),
            (["at": 4, "regime": ["optimiser": ["beta1": 0.5]]], "optimiser is the whole run's"),
        ] as [(JSONValue, String)])
    func refusals(intervention: JSONValue, message: String) throws {
        let error = try #require(throws: Diagnostic.self) {
            try RunSettings(settings([intervention], reward: "gold"), path: "run", folder: ".")
        }
        #expect(error.message.contains(message))
        #expect(error.location.field?.hasPrefix("run.interventions[0]") == true)
    }

    @Test(
        "A reward that is to be trained anew is refused by the plan where the regime has no place for it",
        arguments: ["distill"])
    func noPlaceToRefresh(regime: String) throws {
        var members = settings([["at": 2, "refresh": "proxy"]]).objectValue ?? [:]
        members["regime"] = ["kind": .string(regime)]
        let error = try #require(throws: Diagnostic.self) {
            try RunCheck.cost(.object(members), path: "run", folder: ".")
        }
        #expect(error.location.field == "run.interventions")
        #expect(error.message == "'proxy' is to be trained anew, which \(regime) has no place for")
    }

    @Test("A reward that cannot be made is told by the plan")
    func planned() throws {
        for (reward, message) in [
            ("planted?accuracy=1.9", "1.9"), ("bonus:size", "size"), ("explicit:/nowhere", "nowhere"),
            ("learned?level=0.7", "0.7"),
        ] {
            let error = try #require(throws: Diagnostic.self) {
                try RunCheck.cost(settings([], reward: .string(reward)), path: "run", folder: ".")
            }
            #expect("\(error)".contains(message))
        }
        #expect(try RunCheck.cost(settings([]), path: "run", folder: ".").steps == Self.steps)
    }
}

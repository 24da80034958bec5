import Diagnostics
import Experiment
import Foundation
import JSON
import LanguageModel
import Rewards
import Statistics
import Testing
import Torch

@testable import Regimes
@testable import Training

@Suite("A run", .serialized)
struct PolicyRunTests {
    private static let trained: [JSONValue] = [
        ["kind": "grpo", "steps": 12, "learning-rate": 0.01, "kl": ["coefficient": 0.05]],
        ["kind": "grpo", "steps": 12, "data": "stale", "learning-rate": 0.01],
        ["kind": "rloo", "steps": 12, "learning-rate": 0.01, "kl": ["coefficient": 0.05, "place": "reward"]],
        ["kind": "dpo", "steps": 12, "learning-rate": 0.01],
        ["kind": "dpo", "steps": 12, "data": "stale", "learning-rate": 0.01],
        ["kind": "exact-gradient", "steps": 12, "learning-rate": 0.01],
        ["kind": "rejection-ft", "steps": 12, "learning-rate": 0.01],
        ["kind": "sft", "steps": 12, "learning-rate": 0.01],
        ["kind": "distill", "steps": 12, "learning-rate": 0.01],
    ]

    @Test("all meters off leaves the policy the same to the bit", arguments: trained)
    func metersChangeNothing(regime: JSONValue) async throws {
        let watched = try await finalWeights(
            regime, meters: ["every": 1, "exact-every": 1, "held-out-every": 2, "held-out-prompts": 4])
        let unwatched = try await finalWeights(regime, meters: ["every": 0, "exact-every": 0])
        #expect(watched == unwatched)
    }

    @Test("two runs at one seed are the same to the bit, another seed is not", arguments: trained)
    func repeats(regime: JSONValue) async throws {
        let first = try await finalWeights(regime, meters: ["every": 1])
        #expect(try await finalWeights(regime, meters: ["every": 1]) == first)
        #expect(try await finalWeights(regime, meters: ["every": 1], seed: 4) != first)
        #expect(try await finalWeights(regime, meters: ["every": 1], variant: 1) != first)
    }

    @TensorActor
    private func finalWeights(
        _ regime: JSONValue, meters: JSONValue, seed: UInt64 = 3, variant: UInt64 = 0
    ) async throws -> [Float] {
        let small = try SmallWorld()
        return try await small.run(try await small.parts(regime, meters: meters, seed: seed, variant: variant)).weights
    }

    @Test(
        "gold as reward raises gold in every regime that trains on it",
        arguments: trained.dropLast(2) + trained.suffix(1))
    @TensorActor
    func raisesGold(regime: JSONValue) async throws {
        guard case .object(var members) = regime else { return }
        members["steps"] = 40
        let small = try SmallWorld()
        let steps = try await small.run(try await small.parts(.object(members))).steps
        let (first, last) = (steps.first?["exact.gold"]?.value ?? 1, steps.last?["exact.gold"]?.value ?? 0)
        #expect(last > first + 0.05, "\(first) to \(last)")
    }

    @Test("exact readings are the sums over every response")
    @TensorActor
    func exactReadings() async throws {
        let small = try SmallWorld()
        let parts = try await small.parts(["kind": "grpo", "steps": 20, "learning-rate": 0.01])
        let steps = try await small.run(parts).steps
        let enumeration = try #require(small.world.enumeration)
        let (own, base) = (
            try #require(try EnumeratedPolicy(of: small.policy.decoder, in: small.world)).logProbabilities,
            try #require(try EnumeratedPolicy(of: small.reference, in: small.world)).logProbabilities
        )
        var (gold, kl, entropy, mass) = (0.0, 0.0, 0.0, 0.0)
        for prompt in own.indices {
            for response in own[prompt].indices {
                let p = exp(own[prompt][response])
                mass += p
                gold += p * enumeration.gold[prompt][response]
                kl += p * (own[prompt][response] - base[prompt][response])
                entropy -= p * own[prompt][response]
            }
        }
        let n = Double(own.count)
        #expect(abs(mass / n - 1) < 1e-6)
        let last = try #require(steps.last)
        #expect(abs((last["exact.gold"]?.value ?? 0) - gold / n) < 1e-6)
        #expect(abs((last["exact.kl"]?.value ?? 0) - kl / n) < 1e-6)
        #expect(abs((last["exact.entropy"]?.value ?? 0) - entropy / n) < 1e-6)
    }

    @Test("sampled estimates lie within their errors of the exact values")
    @TensorActor
    func sampledAgainstExact() async throws {
        let small = try SmallWorld()
        // A large group, and a rate of 0 after a first stretch would leave the policy moving: read each step beside its truth.
        let regime: JSONValue = [
            "kind": "grpo", "steps": 30, "learning-rate": 0.005, "prompts-per-step": 12, "group": 64,
        ]
        let steps = try await small.run(try await small.parts(regime, meters: ["every": 1, "exact-every": 1])).steps
        var worst: [String: Double] = [:]
        for step in steps.dropLast() {
            for (sampled, exact) in [("gold.mean", "exact.gold"), ("kl.k1", "exact.kl"), ("kl.k3", "exact.kl")] {
                guard let reading = step[sampled], let value = reading.value, let error = reading.standardError,
                    let truth = step[exact]?.value, error > 1e-9
                else { continue }
                worst[sampled] = max(worst[sampled] ?? 0, abs(value - truth) / error)
            }
        }
        // Of 30 t ratios each; every prompt is in every batch, so the clusters' spread overstates the error.
        #expect(worst.count == 3)
        for (meter, ratio) in worst { #expect(ratio < 5, "\(meter): \(ratio)") }
    }

    @Test(
        "regimes that train on some of what was drawn read KL and entropy from all of it",
        arguments: ["dpo", "rejection-ft"])
    @TensorActor
    func drawnBatch(regime: String) async throws {
        let small = try SmallWorld()
        func settings(_ more: JSONObject) -> JSONValue {
            var settings: JSONObject = [
                "kind": .string(regime), "steps": 12, "prompts-per-step": 12, "group": 256, "learning-rate": 0.02,
            ]
            for (key, value) in more { settings[key] = value }
            return .object(settings)
        }
        let steps = try await small.run(
            try await small.parts(settings([:]), meters: ["every": 1, "exact-every": 1])
        ).steps
        #expect(abs(try #require(steps[0]["kl.k1"]?.value)) < 1e-5)
        var moved = 0.0
        for step in steps.dropLast() {
            let (kl, exact) = (try #require(step["kl.k1"]), try #require(step["exact.kl"]?.value))
            // 3,072 draws: five errors leave one in a million to chance, and a floor for the first steps.
            #expect(abs(try #require(kl.value) - exact) < 5 * (kl.standardError ?? 0) + 1e-5, "step \(step.step)")
            let (entropy, whole) = (try #require(step["entropy.response"]), try #require(step["exact.entropy"]?.value))
            #expect(abs(try #require(entropy.value) - whole) < 5 * (entropy.standardError ?? 0) + 1e-5)
            // Every prompt, and one token a response: nothing is left to chance.
            #expect(abs(try #require(step["kl.stepwise"]?.value) - exact) < 1e-5 + 1e-4 * exact)
            moved = max(moved, exact)
        }
        #expect(moved > 0.05)

        let stale = try SmallWorld()
        let without = try await stale.run(
            try await stale.parts(settings(["data": "stale"]), meters: ["every": 1, "exact-every": 1])
        ).steps
        #expect(without.allSatisfy { $0["kl.k1"] == nil })
    }

    /// E|G_B|² is |G|² + tr Σ/B: two batch sizes give both apart from what the meter does.
    @Test(
        "signal and noise of the gradient are those that two sizes of batch give",
        arguments: ["grpo", "dpo", "rejection-ft", "sft"])
    @TensorActor
    func gradientNoise(regime: String) async throws {
        let small = try SmallWorld(["kind": "lookup", "prompts": 400, "answers": 8, "classes": 4])
        func readings(prompts: Int, noise: Bool) async throws -> [StepReadings] {
            let parts = try await small.parts(
                [
                    "kind": .string(regime), "steps": 500, "prompts-per-step": .integer(prompts), "group": 4,
                    "learning-rate": 0, "keep": 0.5,
                ],
                meters: [
                    "every": 1, "exact-every": 0, "held-out-every": noise ? 1 : 0, "held-out-prompts": 2,
                    "held-out-samples": 1,
                ])
            return try await small.run(parts).steps.filter { $0["gradient.norm"] != nil }
        }
        func mean(_ steps: [StepReadings], _ value: (StepReadings) -> Double?) -> (mean: Double, error: Double) {
            let values = steps.compactMap(value)
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            return (mean, (square / Double(values.count)).squareRoot())
        }
        /// |G|² on average, and 1/B: of dpo a batch is of the prompts whose responses differ in gold.
        func squares(prompts: Int) async throws -> (norm: (mean: Double, error: Double), share: Double) {
            let steps = try await readings(prompts: prompts, noise: false).filter {
                $0["loss"]?.n != 0 || regime != "dpo"
            }
            let size = { (step: StepReadings) in regime == "dpo" ? Double(step["loss"]?.n ?? 0) : Double(prompts) }
            return (mean(steps) { $0["gradient.norm"]?.value.map { $0 * $0 } }, mean(steps) { 1 / size($0) }.mean)
        }
        let ((few, fewShare), (many, manyShare)) = (try await squares(prompts: 3), try await squares(prompts: 12))
        let noise = (few.mean - many.mean) / (fewShare - manyShare)
        let signal = many.mean - noise * manyShare
        let steps = try await readings(prompts: 5, noise: true)
        let (readNoise, readSignal) = (
            mean(steps) { $0["gradient.noise"]?.value }, mean(steps) { $0["gradient.signal"]?.value }
        )
        let noiseError = 4 * (few.error + many.error) + 5 * readNoise.error
        #expect(abs(readNoise.mean - noise) < noiseError, "\(readNoise) against \(noise)")
        #expect(noiseError < noise / 2, "the test tells little: \(noiseError) of \(noise)")
        let signalError = 5 * (few.error + many.error + readSignal.error)
        #expect(abs(readSignal.mean - signal) < signalError, "\(readSignal) against \(signal)")
        #expect(steps.allSatisfy { $0["gradient.noise"].map { $0.n <= 5 } ?? true })
    }

    @Test("the KL summed step by step is the responses' KL in the mean, and here varies less than k1's")
    @TensorActor
    func stepwise() async throws {
        let small = try SmallWorld([
            "kind": "match", "contents": 4, "styles": 3, "lengths": 3, "noise": 3, "base-fit": 0.4,
        ])
        let parts = try await small.parts(
            ["kind": "grpo", "steps": 30, "prompts-per-step": 12, "group": 64, "learning-rate": 0.01],
            meters: ["every": 1, "exact-every": 1])
        let steps = try await small.run(parts).steps
        var errors = [Double](), ratios = [Double]()
        for step in steps.dropLast() {
            let (read, k1) = (try #require(step["kl.stepwise"]), try #require(step["kl.k1"]))
            let exact = try #require(step["exact.kl"]?.value)
            guard exact > 0.01 else { continue }
            errors.append((try #require(read.value) - exact) / exact)
            ratios.append(try #require(read.standardError) / #require(k1.standardError))
            #expect(try #require(read.value) >= 0)
            let entropy = try #require(step["entropy.token"]?.value)
            #expect(entropy >= 0 && entropy < 3)
        }
        #expect(errors.count > 10)
        // 768 responses to 12 of the prompts at each of the steps: a mean error of a few percent at most.
        #expect(abs(errors.reduce(0, +) / Double(errors.count)) < 0.05, "\(errors)")
        #expect(ratios.reduce(0, +) / Double(ratios.count) < 1, "\(ratios)")
    }

    @Test("the exact gradient with a KL reaches the tilt")
    @TensorActor
    func exactGradientReachesTilt() async throws {
        let small = try SmallWorld()
        let parts = try await small.parts(
            [
                "kind": "exact-gradient", "steps": 600, "prompts-per-step": 12, "learning-rate": 0.02,
                "schedule": "linear", "kl": ["coefficient": 0.5],
            ], meters: ["every": 0, "exact-every": 600])
        let steps = try await small.run(parts).steps
        let enumeration = try #require(small.world.enumeration)
        var optimum = 0.0
        for (prompt, row) in try #require(try EnumeratedPolicy(of: small.reference, in: small.world)).logProbabilities
            .enumerated()
        {
            let base = try EnumeratedDistribution(logProbabilities: row)
            let best = try base.tilted(by: enumeration.gold[prompt], beta: 0.5)
            optimum += try best.expectation(of: enumeration.gold[prompt]) - 0.5 * best.divergence(from: base)
        }
        optimum /= Double(small.world.prompts.count)
        let last = try #require(steps.last)
        let reached = (last["exact.gold"]?.value ?? 0) - 0.5 * (last["exact.kl"]?.value ?? 0)
        #expect(reached <= optimum + 1e-6)
        #expect(optimum - reached < 0.01, "\(reached) of \(optimum)")
    }

    @Test("best-of-n by samples is unbiased for best-of-n by enumeration")
    @TensorActor
    func bestOfN() async throws {
        let small = try SmallWorld()
        let regime: JSONValue = ["kind": "best-of-n", "n": [1, 2, 4, 8], "prompts-per-step": 12, "group": 512]
        var parts = try await small.parts(regime)
        parts.rewardTable = small.world.enumeration?.gold
        let steps = try await small.run(parts).steps
        #expect(steps.count == 4)
        // n samples of each prompt of one token each, two FLOPs a weight and token.
        let weights = 2 * small.reference.configuration.parametersPerToken
        for (step, n) in zip(steps, [1.0, 2, 4, 8]) {
            #expect(step["cost.tokens-generated"]?.value == 12 * n)
            #expect(step["cost.inference-flops"]?.value == weights * 12 * n)
            guard n > 1 else { continue }
            let gained = (step["exact.gold"]?.value ?? 0) - (steps[0]["exact.gold"]?.value ?? 0)
            #expect(step["gold.per-inference-flop"]?.value == gained / (weights * 12 * n))
        }
        for step in steps {
            let (sampled, exact) = (try #require(step["gold.mean"]), try #require(step["exact.gold"]?.value))
            // The spread between prompts is no error of the estimate: all prompts are in it.
            #expect(abs((sampled.value ?? 0) - exact) < 0.03)
            #expect((step["exact.kl"]?.value ?? 1) <= (step["kl.bound"]?.value ?? 0) + 1e-9)
        }
    }

    @Test("agreement and calibration are of the answers, not of the texts that hold them")
    func answers() throws {
        func response(_ text: String) -> Response { Response(tokens: [1], text: text) }
        let group = ScoredGroup(
            sampled: Group.Sampled(
                promptIndex: 0, prompt: WorldPrompt(id: "p", tokens: [1], text: "p"), step: 0,
                responses: ["c1 s1", "c1 s2", "c1 s3", "s4"].map(response)), rewards: [1, 1, 1, 0])
        func read(_ answer: JSONValue) throws -> [String: Double] {
            let batch = MeterBatch(groups: [group], gold: [[1, 1, 1, 0]])
            let readings = try BatchMeters(settings: MeterSettings(["answer": answer])).read(batch)
            return Dictionary(readings.compactMap { reading in reading.value.map { (reading.meter, $0) } }) { $1 }
        }
        let (texts, contents) = (try read("whole"), try read(["pattern": "c\\d"]))
        #expect(texts["responses.agreement"] == 0.25 && contents["responses.agreement"] == 0.75)
        // Three say with 3/4 what is right, one says nothing: squares of 1/4, 1/4, 1/4 and 0.
        #expect(contents["calibration.brier"] == 3.0 / 64)
        #expect(texts["calibration.brier"] == (3 * 0.5625 + 0.0625) / 4)
        #expect(throws: Diagnostic.self) { try MeterSettings(["answer": "first"]) }
        #expect(throws: Diagnostic.self) { try MeterSettings(["answer": ["pattern": "("]]) }
    }

    /// The answer 1 before every prompt; a sham has 2 there.
    private static func hint(_ prompts: [WorldPrompt], start: Double = 1, end: Double = 0) -> RunPiece.Kind {
        let (own, sham) = (prompts.map { [1] + $0.tokens }, prompts.map { [2] + $0.tokens })
        return .hint(.init(prompts: own, sham: sham, heldOut: own, schedule: .init(start: start, end: end)))
    }

    @Test("a verifier in training and at evaluation, and a hint, are read on and off")
    @TensorActor
    func pieces() async throws {
        let small = try SmallWorld()
        for piece in [RunPiece(.verifier(size: 4)), RunPiece(Self.hint(small.world.prompts))] {
            let small = try SmallWorld()
            var parts = try await small.parts(["kind": "grpo", "steps": 10, "learning-rate": 0.01])
            parts.pieces = [piece]
            let last = try #require(try await small.run(parts).steps.last)
            let (on, off) = (
                try #require(last["withdrawal.on"]?.value), try #require(last["withdrawal.off"]?.value)
            )
            #expect(abs(on - off - (last["withdrawal.gap"]?.value ?? 0)) < 1e-12)
            #expect(off == last["exact.gold"]?.value)
            if case .verifier = piece.kind { #expect(on > off) }
        }
    }

    @Test(
        "where responses cannot be listed, pieces are read on and off from samples, and the readings are the exact ones but for chance"
    )
    @TensorActor
    func sampledPieces() async throws {
        let small = try SmallWorld()
        let hint = RunPiece(Self.hint(small.world.prompts))
        for pieces in [[RunPiece(.verifier(size: 4))], [hint], [RunPiece(.verifier(size: 4)), hint]] {
            let small = try SmallWorld()
            let meters: JSONValue = [
                "every": 0, "exact-every": 1, "held-out-every": 1, "held-out-prompts": 12, "held-out-samples": 512,
            ]
            var parts = try await small.parts(["kind": "grpo", "steps": 0], meters: meters)
            parts.pieces = pieces
            let exact = try #require(try await small.run(parts).steps.last)
            parts.world = UnlistedWorld(small.world)
            let sampled = try #require(try await small.run(parts).steps.last)
            #expect(sampled["exact.gold"] == nil)
            for meter in ["withdrawal.on", "withdrawal.off", "withdrawal.gap"] {
                let (truth, reading) = (try #require(exact[meter]?.value), try #require(sampled[meter]))
                // Each prompt's samples have a standard deviation of at most 1/2; a best of 4 is worse known by a factor of 2 at most.
                #expect(abs((reading.value ?? 9) - truth) < 4 / (12.0 * 512).squareRoot(), "\(meter)")
                #expect(reading.n == 12)
                #expect((reading.standardError ?? 0) > 0)
            }
        }
    }

    @Test("a verifier that needs more samples than held-out prompts have gets them")
    @TensorActor
    func largeVerifier() async throws {
        let small = try SmallWorld()
        var parts = try await small.parts(
            ["kind": "grpo", "steps": 0],
            meters: ["every": 0, "exact-every": 0, "held-out-every": 1, "held-out-samples": 2])
        parts.world = UnlistedWorld(small.world)
        parts.pieces = [RunPiece(.verifier(size: 8))]
        let read = try #require(try await small.run(parts).steps.last)
        #expect((read["withdrawal.on"]?.value ?? 0) > (read["withdrawal.off"]?.value ?? 1))
    }

    @Test("a piece that is taken away in mid-run trains like itself before and like none after")
    @TensorActor
    func withdrawnPieces() async throws {
        func run(_ kind: RunPiece.Kind?, until: Int?) async throws -> [StepReadings] {
            let small = try SmallWorld()
            var parts = try await small.parts(["kind": "grpo", "steps": 8, "group": 4, "learning-rate": 0.01])
            if let kind { parts.pieces = [RunPiece(kind, until: until)] }
            return try await small.run(parts).steps
        }
        let prompts = try SmallWorld().world.prompts
        for kind in [RunPiece.Kind.verifier(size: 4), Self.hint(prompts, end: 1)] {
            let (whole, cut) = (try await run(kind, until: nil), try await run(kind, until: 5))
            for step in 0..<5 { #expect(whole[step]["loss"] == cut[step]["loss"]) }
            #expect(whole[5]["reward.mean"] != cut[5]["reward.mean"])
        }
        // From the step on no sample is passed over: a response is one token, so many a step.
        let spent = try await run(.verifier(size: 4), until: 5).map { $0["cost.tokens-generated"]?.value ?? 0 }
        let each = spent[0] / 4
        #expect(
            zip(spent.dropFirst(), spent).map { $0 - $1 }.prefix(7) == [4, 4, 4, 4, 1, 1, 1].map { $0 * each }[...])
        // Taken away before the first step it is no piece at all.
        let (none, never) = (try await run(nil, until: nil), try await run(.verifier(size: 4), until: 0))
        for (one, other) in zip(none, never) { #expect(one["loss"] == other["loss"]) }
    }

    @Test("a tilt in a world that cannot be enumerated is refused")
    @TensorActor
    func refusals() async throws {
        let small = try SmallWorld(["kind": "reduce", "group": "symmetric", "order": 3, "lengths": [5, 6]])
        let parts = try await small.parts(["kind": "tilt"])
        var found: Diagnostic?
        do { _ = try PolicyRun(parts) } catch { found = error }
        #expect(found?.category == .usage)
        #expect(found?.message.contains("responses can be listed") == true)
    }

    @Test("a run that goes on from a state reads and ends as one that was never stopped", arguments: trained)
    @TensorActor
    func resuming(regime: JSONValue) async throws {
        let whole = try SmallWorld()
        let meters: JSONValue = ["every": 1, "exact-every": 4, "held-out-every": 4]
        var state: (policy: PolicyState, notes: JSONValue)?
        let run = try PolicyRun(try await whole.parts(regime, meters: meters))
        var steps: [StepReadings] = []
        try await run.run { (step) throws(Diagnostic) in
            if step == 5 { state = (try whole.policy.snapshot(), run.state) }
        } report: { (readings) throws(Diagnostic) in
            steps.append(readings)
        }
        let resumed = try SmallWorld()
        let second = try PolicyRun(try await resumed.parts(regime, meters: meters))
        let kept = try #require(state)
        try resumed.policy.restore(kept.policy)
        try second.restore(kept.notes)
        var rest: [StepReadings] = []
        try await second.run(from: 5) { (readings) throws(Diagnostic) in rest.append(readings) }
        #expect(try resumed.policy.weightValues() == whole.policy.weightValues())
        let timed = ["cost.seconds", "gold.per-second"]
        func plain(_ steps: [StepReadings]) -> [[Reading]] {
            steps.filter { $0.step >= 5 }.map { $0.readings.filter { !timed.contains($0.meter) } }
        }
        #expect(plain(rest) == plain(steps))
        #expect(rest.last?["held-out.gold.gain"] != nil)
    }

    @Test("the gain of held-out gold is the difference of its readings, its error that of paired prompts")
    @TensorActor
    func heldOutGain() async throws {
        let small = try SmallWorld()
        let regime: JSONValue = ["kind": "grpo", "steps": 20, "learning-rate": 0.02]
        let meters: JSONValue = ["every": 0, "exact-every": 0, "held-out-every": 20, "held-out-samples": 8]
        let steps = try await small.run(try await small.parts(regime, meters: meters)).steps
        let gold = steps.compactMap { $0["held-out.gold.mean"] }
        let gain = steps.compactMap { $0["held-out.gold.gain"] }
        #expect(gold.count == 2 && gain.count == 2)
        #expect(gain[0].value == 0 && gain[0].n == small.world.heldOutPrompts.count)
        let change = (gold[1].value ?? 0) - (gold[0].value ?? 0)
        #expect(change != 0 && abs((gain[1].value ?? 0) - change) < 1e-12)
        let error = try #require(gain[1].standardError)
        let unpaired = (gold.reduce(0) { $0 + ($1.standardError ?? 0) * ($1.standardError ?? 0) }).squareRoot()
        // The variance of a difference lies between that of errors that cancel and that of errors that add.
        #expect(error > 0 && error < 1.5 * unpaired)
    }

    @Test("a run that blows up says that it diverged")
    @TensorActor
    func divergence() async throws {
        let small = try SmallWorld()
        let parts = try await small.parts(["kind": "grpo", "steps": 5])
        try small.policy.weights.multiplyInPlace(by: .infinity)
        var found: Diagnostic?
        do { _ = try await small.run(parts) } catch let error as Diagnostic { found = error }
        #expect(found.flatMap(Divergence.reason) != nil, "\(String(describing: found))")
    }

    @Test("runs leave no tensor behind")
    @TensorActor
    func handles() async throws {
        func once() async throws {
            let small = try SmallWorld()
            _ = try await small.run(try await small.parts(["kind": "grpo", "steps": 3]))
        }
        try await once()
        let before = TorchLibrary.liveHandles
        try await once()
        #expect(TorchLibrary.liveHandles == before)
    }
}

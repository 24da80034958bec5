import ArgumentParser
import Benching
import JSON
import Regimes
import Studies
import Training

/// How `assay run` trains.
struct TrainingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Updates.", valueName: "count"))
    var steps = 100

    @Option(help: ArgumentHelp("Responses a prompt.", valueName: "count"))
    var group = 8

    @Option(
        help: ArgumentHelp(
            "Prompts an update, 8 by default; of best-of-n prompts in all, 64 by default.", valueName: "count"))
    var promptsPerStep: Int?

    @Option(help: ArgumentHelp("The learning rate, of AdamW.", valueName: "rate"))
    var learningRate = 1e-5

    @Option(help: ArgumentHelp("How the rate goes on after the warm-up.", valueName: "schedule"))
    var schedule = RegimeSettings.Schedule.constant

    @Option(help: ArgumentHelp("Updates over which the rate rises.", valueName: "count"))
    var warmup = 0

    @Option(help: ArgumentHelp("Coefficient of the KL to the policy that the run begins with.", valueName: "number"))
    var kl = 0.0

    @Option(help: ArgumentHelp("Where the KL is counted.", valueName: "place"))
    var klPlace = RegimeSettings.Place.loss

    @Option(
        help: ArgumentHelp(
            "How the KL is estimated; by default k3 in the loss, k1 in the reward.", valueName: "estimator"))
    var klEstimator: PolicyGradientObjective.Estimator?

    @Option(
        help: ArgumentHelp("How far a ratio may leave 1 before it is cut, 0.2 by default; 0: any.", valueName: "range"))
    var clip: Double?

    @Option(help: ArgumentHelp("Updates that a batch is used for, 1 by default.", valueName: "count"))
    var epochs: Int?

    @Option(help: ArgumentHelp("β of dpo, 0.1 by default.", valueName: "number"))
    var beta: Double?

    @Option(help: ArgumentHelp("The share of a group that rejection-ft keeps, 0.25 by default.", valueName: "share"))
    var keep: Double?

    @Option(
        name: .customLong("n"),
        help: ArgumentHelp("Sizes of best-of-n, such as 1,4,16,64.", valueName: "sizes"),
        transform: Self.sizes)
    var sizes: [Int]?

    @Option(help: ArgumentHelp("Who samples: the policy, or the reference once for all.", valueName: "data"))
    var data = RegimeSettings.Source.onPolicy

    @Option(help: ArgumentHelp("Train low-rank adapters of this rank, not the weights.", valueName: "rank"))
    var lora: Int?

    @Option(help: ArgumentHelp("bfloat16 is mixed precision: weights stay float32.", valueName: "type"))
    var dtype = EngineOptions.DType.float32

    @Flag(help: "Draw the policy's weights; the folder gives shape and tokenizer.")
    var fromScratch = false

    @Option(help: ArgumentHelp("Threads of one tensor operation; by default one a core.", valueName: "count"))
    var threads: Int?

    @Option(
        help: ArgumentHelp("Updates between states to go on from, and the final policy's folder.", valueName: "count"))
    var checkpointEvery = 50

    @Option(help: ArgumentHelp("Updates between readings on held-out prompts.", valueName: "count"))
    var evaluateEvery = 10

    private static func sizes(_ text: String) throws -> [Int] {
        let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sizes.allSatisfy({ $0 >= 1 }) else {
            throw ValidationError("'\(text)' lists no sizes of at least 1; write, for example, --n 1,4,16")
        }
        return sizes
    }

    /// An option that only other regimes have is refused.
    func check(_ regime: RegimeSettings.Kind) throws {
        let sampling: Set<RegimeSettings.Kind> = [.grpo, .rloo]
        let uses: [(option: String, isGiven: Bool, regimes: Set<RegimeSettings.Kind>)] = [
            ("--n", sizes != nil, [.bestOfN]), ("--clip", clip != nil, sampling),
            ("--kl-estimator", klEstimator != nil, sampling), ("--epochs", epochs != nil, sampling.union([.dpo])),
            ("--beta", beta != nil, [.dpo]), ("--keep", keep != nil, [.rejection]),
        ]
        for use in uses where use.isGiven && !use.regimes.contains(regime) {
            let names = use.regimes.map(\.rawValue).sorted().joined(separator: " or ")
            throw ValidationError("\(use.option) is for --regime \(names), and this is \(regime.rawValue)")
        }
        guard klPlace == .loss || kl > 0 else { throw ValidationError("--kl-place has no --kl to place") }
        guard klEstimator == nil || kl > 0 else {
            throw ValidationError("--kl-estimator has no --kl that it could estimate")
        }
    }

    func apply(to design: inout RunDesign) {
        let isSelection = design.regime["kind"]?.stringValue == RegimeSettings.Kind.bestOfN.rawValue
        design.regime["steps"] = .integer(steps)
        design.regime["group"] = .integer(group)
        design.regime["prompts-per-step"] = .integer(promptsPerStep ?? (isSelection ? 64 : 8))
        design.regime["learning-rate"] = .number(learningRate)
        design.regime["schedule"] = .string(schedule.rawValue)
        design.regime["warmup"] = .integer(warmup)
        var penalty: JSONObject = ["coefficient": .number(kl), "place": .string(klPlace.rawValue)]
        if let klEstimator { penalty["estimator"] = .string(klEstimator.rawValue) }
        design.regime["kl"] = .object(penalty)
        if let clip { design.regime["clip"] = .number(clip) }
        if let epochs { design.regime["epochs"] = .integer(epochs) }
        if let beta { design.regime["beta"] = .number(beta) }
        if let keep { design.regime["keep"] = .number(keep) }
        if let sizes { design.regime["n"] = .array(sizes.map(JSONValue.integer)) }
        design.regime["data"] = .string(data.rawValue)
        if let lora { design.policySettings["lora"] = ["rank": .integer(lora)] }
        design.policySettings["dtype"] = .string(dtype.rawValue)
        if fromScratch { design.policySettings["weights"] = "random" }
        design.meters["held-out-every"] = .integer(evaluateEvery)
        design.meters["exact-every"] = 0
        design.checkpointEvery = checkpointEvery
        design.threads = threads ?? MachineFacts().cores
    }
}

/// What `assay run` trains with besides the reward, and takes away again.
struct PieceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Train on the best by gold of so many samples; a sham that takes the first is trained beside it.",
            valueName: "samples"))
    var verifier: Int?

    @Option(
        help: ArgumentHelp(
            "Put this field of the row before its prompt; a sham that puts another row's is trained beside it.",
            valueName: "field"))
    var hint: String?

    @Flag(help: "Give the hint to a share of the prompts that falls from all to none.")
    var fadeHint = false

    @Option(help: ArgumentHelp("Take the pieces away at this update and train on.", valueName: "update"))
    var withdrawAt: Int?

    func validate() throws {
        guard hint != nil || !fadeHint else { throw ValidationError("--fade-hint has no --hint that could fade") }
        guard hint != nil || verifier != nil || withdrawAt == nil else {
            throw ValidationError("--withdraw-at has no --verifier or --hint to take away")
        }
    }

    func apply(to design: inout RunDesign) {
        if let verifier { design.pieces.append(["kind": "verifier", "size": .integer(verifier)]) }
        if let hint {
            design.pieces.append(["kind": "hint", "field": .string(hint), "end": .number(fadeHint ? 0 : 1)])
        }
        design.withdrawAt = withdrawAt
    }
}

extension RegimeSettings.Schedule: ExpressibleByArgument {}
extension PolicyGradientObjective.Estimator: ExpressibleByArgument {}
extension RegimeSettings.Place: ExpressibleByArgument {}
extension RegimeSettings.Source: ExpressibleByArgument {}

/// What `assay run` reads of prompts.
struct PromptOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The field that holds the prompt; by default prompt or question.", valueName: "field"))
    var promptField: String?

    @Option(help: ArgumentHelp("The field that holds a response to learn from, for sft.", valueName: "field"))
    var demonstration: String?

    @Option(help: ArgumentHelp("Text before every prompt.", valueName: "text"))
    var prefix: String?

    @Option(help: ArgumentHelp("Text after every prompt; \\n is a line feed.", valueName: "text"))
    var suffix: String?

    @Option(help: ArgumentHelp("Tokens of a response at most.", valueName: "tokens"))
    var maxTokens = 256

    @Option(help: ArgumentHelp("Rows, the last ones, that are only evaluated on.", valueName: "count"))
    var heldOut = 64

    @Option(help: ArgumentHelp("Responses to each held-out prompt at a reading.", valueName: "count"))
    var heldOutSamples = 4

    @Option(help: ArgumentHelp("Read at most so many rows.", valueName: "rows"))
    var limit: Int?

    func apply(to design: inout RunDesign) {
        if let promptField { design.world["prompt"] = .string(promptField) }
        if let demonstration { design.world["demonstration"] = .string(demonstration) }
        if let prefix { design.world["prefix"] = .string(prefix.replacing("\\n", with: "\n")) }
        if let suffix { design.world["suffix"] = .string(suffix.replacing("\\n", with: "\n")) }
        design.world["maximum-tokens"] = .integer(maxTokens)
        design.world["held-out"] = .integer(heldOut)
        if let limit { design.world["limit"] = .integer(limit) }
        design.meters["held-out-prompts"] = .integer(heldOut)
        design.meters["held-out-samples"] = .integer(heldOutSamples)
    }
}

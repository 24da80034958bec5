import Experiment
import JSON
import LanguageModel
import Training

/// What a run has spent.
struct RunCostMeter {
    private(set) var tokensGenerated = 0
    private(set) var tokensTrained = 0
    private var trainingFLOPs = 0.0
    /// Of the policy, that a token's products touch.
    private let parametersPerToken: Double
    /// Seconds before this process took the run up.
    private var earlierSeconds = 0.0
    private let start = ContinuousClock.now
    /// Gold when it was first read.
    private var initialGold: Double?

    init(_ configuration: ModelConfiguration) { parametersPerToken = configuration.parametersPerToken }

    /// 2 FLOPs a weight and token.
    private var inferenceFLOPs: Double { 2 * Double(tokensGenerated) * parametersPerToken }

    mutating func generated(_ groups: [Group.Sampled]) {
        for group in groups { tokensGenerated += group.responses.reduce(0) { $0 + $1.tokens.count } }
    }

    /// 6 FLOPs a weight and token: 2 forward, 4 back (Kaplan et al. 2020, section 2.1).
    mutating func trained(_ tokens: Int) {
        tokensTrained += tokens
        trainingFLOPs += 6 * Double(tokens) * parametersPerToken
    }

    var json: JSONValue {
        [
            "generated": .integer(tokensGenerated), "trained": .integer(tokensTrained),
            "training-flops": .number(trainingFLOPs), "seconds": .number(seconds),
            "gold": initialGold.map(JSONValue.number) ?? .null,
        ]
    }

    /// Returns whether the value is such a state.
    mutating func restore(_ value: JSONValue) -> Bool {
        guard let generated = value["generated"]?.intValue, let trained = value["trained"]?.intValue,
            let training = value["training-flops"]?.doubleValue, let spent = value["seconds"]?.doubleValue
        else { return false }
        (tokensGenerated, tokensTrained, trainingFLOPs, earlierSeconds) = (generated, trained, training, spent)
        initialGold = value["gold"]?.doubleValue
        return true
    }

    func readings() -> [Reading] {
        [
            Reading("cost.tokens-generated", Double(tokensGenerated)),
            Reading("cost.tokens-trained", Double(tokensTrained)),
            Reading("cost.training-flops", trainingFLOPs), Reading("cost.inference-flops", inferenceFLOPs),
            Reading("cost.seconds", seconds),
        ]
    }

    private var seconds: Double { earlierSeconds + start.duration(to: .now) / .seconds(1) }

    /// Of a selection: what a part of the samples cost, and what it gained in gold over the smallest part.
    mutating func readings(ofShare share: Double, gold: Double?) -> [Reading] {
        let (tokens, flops) = (share * Double(tokensGenerated), share * inferenceFLOPs)
        var readings = [
            Reading("cost.tokens-generated", tokens), Reading("cost.inference-flops", flops),
            Reading("cost.seconds", seconds),
        ]
        guard let gold else { return readings }
        let gained = gold - (initialGold ?? gold)
        if initialGold == nil { initialGold = gold }
        readings.append(Reading("gold.per-inference-flop", flops > 0 ? gained / flops : nil))
        return readings
    }

    /// What gold has gained since it was first read, for what was spent; missing where nothing was.
    mutating func gains(gold: Double) -> [Reading] {
        let gained = gold - (initialGold ?? gold)
        if initialGold == nil { initialGold = gold }
        return [
            Reading("gold.per-training-flop", trainingFLOPs > 0 ? gained / trainingFLOPs : nil),
            Reading("gold.per-inference-flop", inferenceFLOPs > 0 ? gained / inferenceFLOPs : nil),
            Reading("gold.per-second", seconds > 0 ? gained / seconds : nil),
        ]
    }
}

extension ModelConfiguration {
    /// Weights that a token's products touch: the layers and the vocabulary's head.
    var parametersPerToken: Double { Double(linearParametersPerToken + width * vocabularySize) }
}

import Experiment
import JSON
import LanguageModel
import Training

/// What a run has spent.
struct RunCostMeter {
    private(set) var tokensGenerated = 0
    private(set) var tokensTrained = 0
    private var trainingFLOPs = 0.0
    private var inferenceFLOPs = 0.0
    private let start = ContinuousClock.now
    /// Gold when it was first read.
    private var initialGold: Double?

    mutating func generated(_ groups: [Group.Sampled]) {
        for group in groups { tokensGenerated += group.responses.reduce(0) { $0 + $1.tokens.count } }
    }

    /// 6 FLOPs a weight and token: 2 forward, 4 back (Kaplan et al. 2020, section 2.1).
    mutating func trained(_ tokens: Int, by policy: TrainablePolicy) {
        tokensTrained += tokens
        trainingFLOPs += 6 * Double(tokens) * policy.decoder.configuration.parametersPerToken
        inferenceFLOPs = 2 * Double(tokensGenerated) * policy.decoder.configuration.parametersPerToken
    }

    var json: JSONValue {
        [
            "generated": .integer(tokensGenerated), "trained": .integer(tokensTrained),
            "training-flops": .number(trainingFLOPs), "inference-flops": .number(inferenceFLOPs),
            "gold": initialGold.map(JSONValue.number) ?? .null,
        ]
    }

    /// Returns whether the value is such a state.
    mutating func restore(_ value: JSONValue) -> Bool {
        guard let generated = value["generated"]?.intValue, let trained = value["trained"]?.intValue,
            let training = value["training-flops"]?.doubleValue, let inference = value["inference-flops"]?.doubleValue
        else { return false }
        (tokensGenerated, tokensTrained, trainingFLOPs, inferenceFLOPs) = (generated, trained, training, inference)
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

    private var seconds: Double { start.duration(to: .now) / .seconds(1) }

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

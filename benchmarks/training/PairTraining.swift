import Diagnostics
import JSON
import LanguageModel
import Torch
import Training

/// Reward-model (Bradley-Terry) and DPO updates on pairs, in the file's order.
///
/// A batch goes through the layers in parts of at most about `rows` rows, whose gradients add up to the batch's: this bounds
/// memory by the part and changes nothing else.
@TensorActor
struct PairTraining {
    private let settings: TrainingBenchmark
    private let pairs: [PreparedPair]
    private let policy: TrainablePolicy
    /// Laid out for inference; DPO's alone.
    private let reference: Decoder?

    init(_ settings: TrainingBenchmark) throws(Diagnostic) {
        self.settings = settings
        let isDirect = settings.task == .dpo
        pairs = try PreparedPair.read(settings.folder + "/pairs.json", count: settings.batch * (settings.steps + 1))
        let base = try Decoder(
            directory: settings.folder + (isDirect ? "/policy" : "/reward"),
            options: .init(elementType: .float32, packingRows: nil))
        reference = isDirect ? try base.packed(as: settings.dtype, rows: settings.rows) : nil
        policy = try TrainablePolicy(
            base, optimizer: AdamW.Settings(weightDecay: 0), computeType: settings.dtype)
    }

    func measure() throws(Diagnostic) -> Outcome {
        var outcome = Outcome(itemsPerStep: settings.batch)
        for step in 0...settings.steps {
            let clock = StepClock()
            let own = pairs[step * settings.batch..<(step + 1) * settings.batch]
            let (loss, tokens) = try update(PairBatch(Array(own), rows: settings.rows))
            if step > 0 { clock.record(in: &outcome) }
            outcome.losses.append(loss)
            outcome.tokensTrained = tokens
        }
        return outcome
    }

    private func update(_ batch: PairBatch) throws(Diagnostic) -> (loss: Double, tokens: Int) {
        let read = settings.task == .dpo ? try direct(batch) : try bradleyTerry(batch)
        try policy.update(.init(learningRate: settings.learningRate, gradientClip: 1))
        return read
    }

    private func bradleyTerry(_ batch: PairBatch) throws(Diagnostic) -> (loss: Double, tokens: Int) {
        var loss = 0.0
        let tokens = try policy.accumulateScores(batch.sequences.sequences, parts: batch.parts) { (_, scores) in
            stride(from: 0, to: scores.count, by: 2).flatMap { first in
                let read = PreferenceObjective.bradleyTerry(chosen: scores[first], rejected: scores[first + 1])
                loss += read.loss / batch.pairCount
                return [read.slope / batch.pairCount, -read.slope / batch.pairCount]
            }
        }
        return (loss, tokens)
    }

    private func direct(_ batch: PairBatch) throws(Diagnostic) -> (loss: Double, tokens: Int) {
        let reference = try referenceSums(batch)
        var loss = 0.0
        let tokens = try policy.accumulate(batch.sequences, parts: batch.parts) { (range, numbers) in
            stride(from: 0, to: numbers.count, by: 2).flatMap { first in
                let own = (chosen: numbers[first].reduce(0, +), rejected: numbers[first + 1].reduce(0, +))
                let place = range.lowerBound + first
                let read = PreferenceObjective.direct(
                    policy: own, reference: (reference[place], reference[place + 1]), beta: settings.beta)
                loss += read.loss / batch.pairCount
                let slope = read.slope / batch.pairCount
                return [
                    Array(repeating: slope, count: numbers[first].count),
                    Array(repeating: -slope, count: numbers[first + 1].count),
                ]
            }
        }
        return (loss, tokens)
    }

    /// log π_ref of each whole response.
    private func referenceSums(_ batch: PairBatch) throws(Diagnostic) -> [Double] {
        guard let reference else { return [] }
        return try noGrad { () throws(Diagnostic) in
            var sums: [Double] = []
            for part in batch.parts {
                sums += try reference.tokenLogProbabilities(batch.sequences[part]).numbers().map { $0.reduce(0, +) }
            }
            return sums
        }
    }
}

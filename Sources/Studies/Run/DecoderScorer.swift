import Diagnostics
import Experiment
import LanguageModel
import Torch

/// A decoder that says how likely it finds tokens; used on the tensor thread only.
@TensorActor
final class DecoderScorer: SequenceScorer {
    private let decoder: Decoder

    init(_ decoder: Decoder) { self.decoder = decoder }

    nonisolated func logProbabilities(
        _ sequences: [[Int32]], from starts: [Int]
    ) async throws(Diagnostic) -> [[Double]] {
        try await read(sequences, from: starts)
    }

    private func read(_ sequences: [[Int32]], from starts: [Int]) throws(Diagnostic) -> [[Double]] {
        try noGrad { () throws(Diagnostic) in
            try decoder.tokenLogProbabilities(TokenSequences(sequences, from: starts)).numbers()
        }
    }
}

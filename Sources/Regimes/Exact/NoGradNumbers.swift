import Diagnostics
import LanguageModel
import Torch

/// log π of the tokens of interest, [sequence][token], without a graph.
func noGradNumbers(_ decoder: Decoder, _ batch: TokenSequences) throws(Diagnostic) -> [[Double]] {
    try noGrad { () throws(Diagnostic) in try decoder.tokenLogProbabilities(batch).numbers() }
}

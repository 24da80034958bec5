import Diagnostics
import LanguageModel
import Rewards
import Torch

/// What a reward's models need in memory: the weights, the activations of one pass through the layers, and the keys and
/// values of one batch.
public struct MemoryEstimate: Sendable, Hashable {
    public var weights = 0
    public var activations = 0
    public var cache = 0

    public var total: Int { weights + activations + cache }
}

extension MemoryEstimate {
    /// - Returns: `nil` where the spec runs no model.
    init?(of spec: RewardSpec, _ options: ScoringOptions) throws(Diagnostic) {
        guard spec.needsModel else { return nil }
        for folder in Set(spec.checkpoints) {
            let configuration = try ModelConfiguration(directory: folder)
            let saved = configuration.savedType ?? .float32
            let size = (options.model.elementType ?? saved).size
            let names = FilePath.entries(of: folder).filter { $0.hasSuffix(".safetensors") }
            weights += names.reduce(0) { $0 + FilePath.size("\(folder)/\($1)") } / saved.size * size
            activations = max(
                activations, min(options.model.rowsPerPass, options.batchTokens) * configuration.valuesPerRow * size)
            cache = max(cache, options.batchTokens * configuration.cachedValuesPerRow * size)
        }
    }
}

extension ModelConfiguration {
    /// Activations that are alive at once in a layer, a row: residual, norm, queries, keys, values, attention and MLP.
    fileprivate var valuesPerRow: Int { 4 * width + 2 * (heads + kvHeads) * headWidth + 3 * mlpWidth }

    fileprivate var cachedValuesPerRow: Int { 2 * layers * kvHeads * headWidth }
}

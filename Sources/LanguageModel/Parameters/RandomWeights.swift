import Diagnostics
import Statistics
import Torch

/// Weights drawn as a decoder begins: matrices normal with mean 0, norms 1 (Gemma's stored as 0), biases 0.
///
/// Standard deviations are 1/√in for projections, and that over √(2 · layers) for those that write to the residual stream
/// (Radford et al. 2019), so that the stream's size does not grow with depth; embeddings have `embeddingDeviation`.
struct RandomWeights: WeightSource {
    let configuration: ModelConfiguration
    let seed: UInt64
    static let embeddingDeviation = 0.02

    func tensor(_ name: String, shape: [Int]) throws(Diagnostic) -> Tensor {
        if name.contains("norm") && name.hasSuffix(".weight") {
            return try Tensor.full(configuration.family == .gemma2 ? 0 : 1, shape: shape)
        }
        guard shape.count == 2 else { return try Tensor.zeros(shape: shape) }
        var stream = RandomStream(seed: seed, purpose: "weights \(name)")
        return try Tensor.random(.normal, seed: stream.next() >> 1, shape: shape).scaled(by: deviation(name, shape))
    }

    func forget(_ name: String) {}

    private func deviation(_ name: String, _ shape: [Int]) -> Double {
        if name.contains("embed") || name.contains("lm_head") { return Self.embeddingDeviation }
        let plain = 1 / Double(shape[1]).squareRoot()
        let writesToStream = ["o_proj", "down_proj", "dense", "dense_4h_to_h"].contains { name.contains(".\($0).") }
        return writesToStream ? plain / Double(2 * configuration.layers).squareRoot() : plain
    }
}

extension Decoder {
    /// A decoder of random weights.
    ///
    /// - Parameter seed: keys the draws; a weight's depend on its name and shape alone.
    public convenience init(
        random configuration: ModelConfiguration, seed: UInt64, options: Options = Options(packingRows: nil)
    ) throws(Diagnostic) {
        var options = options
        options.elementType = options.elementType ?? .float32
        try self.init(
            configuration: configuration, source: RandomWeights(configuration: configuration, seed: seed),
            options: options, place: "a random \(configuration.family.rawValue)")
    }
}

import Diagnostics
import LanguageModel
import Torch

/// A decoder whose weights training moves. Lives on ``TensorActor``'s thread, as its tensors do.
///
/// All weights that are trained lie in one flat float32 tensor, their gradients in another; the decoder's are views of them. So an
/// update, a norm, a snapshot and a restoration are each one operation, whatever the number of layers.
///
/// Every objective depends on the policy only through log-probabilities of chosen tokens (or a head's scores). So training
/// is two calls: ``accumulate(_:parts:slopes:)``, which computes those numbers, asks the objective for its derivative with respect to
/// each, and adds up the weights' gradient; and ``update(_:)``.
///
/// ## Topics
/// - ``init(_:trains:optimizer:)``
/// - ``accumulate(_:parts:slopes:)``, ``accumulateScores(_:parts:slopes:)``, ``gradientNorm()``, ``update(_:)``
/// - ``snapshot()``, ``restore(_:)``
public final class TrainablePolicy {
    /// Computes with the weights as they are at the moment.
    public let decoder: Decoder
    /// Weights that are trained.
    public let parameterCount: Int
    /// What passes are computed in; weights, gradients and moments are float32 whatever it is.
    public let computeType: ElementType
    let weights: Tensor
    let gradients: Tensor
    let optimizer: AdamW

    /// Which weights move.
    public enum Trained: Sendable, Hashable {
        case all
        /// Low-rank adapters beside every projection (Hu et al. 2021); the weights themselves stay.
        case adapters(rank: Int, alpha: Double, seed: UInt64)
    }

    /// How an update is made.
    public struct UpdateSettings: Sendable, Hashable {
        public var learningRate: Double
        /// The gradient's norm at most; a longer one is scaled down. `nil`: no limit.
        public var gradientClip: Double?

        public init(learningRate: Double, gradientClip: Double? = nil) {
            self.learningRate = learningRate
            self.gradientClip = gradientClip
        }
    }

    /// - Parameters:
    ///   - decoder: loaded with plain weights (`packingRows: nil`) in float32; it is copied.
    ///   - computeType: float32, or bfloat16 for mixed precision.
    public init(
        _ decoder: Decoder, trains: Trained = .all, optimizer settings: AdamW.Settings = AdamW.Settings(),
        computeType: ElementType = .float32
    ) throws(Diagnostic) {
        guard decoder.elementType == .float32 else {
            throw Diagnostic(.internalFailure, "a policy is trained in float32, but these are \(decoder.elementType)")
        }
        let base = try Self.base(decoder, trains)
        let parameters = try base.parameters().filter { trains == .all || $0.isAdapter }
        let (weights, gradients) = try Self.flatten(parameters.map(\.tensor))
        var start = 0
        let names = Set(parameters.map(\.name))
        self.decoder = try base.replacingParameters { (name, tensor) throws(Diagnostic) in
            guard names.contains(name) else { return tensor }
            defer { start += tensor.count }
            let range = start..<start + tensor.count
            let view = try weights.narrowed(0, range).reshaped(tensor.shape).detached()
            try view.setRequiresGradient(true)
            try view.setGradient(try gradients.narrowed(0, range).reshaped(tensor.shape))
            return view
        }
        try weights.setGradient(gradients)
        self.weights = weights
        self.gradients = gradients
        self.computeType = computeType
        parameterCount = weights.count
        optimizer = try AdamW([weights], settings: settings)
    }

    private static func base(_ decoder: Decoder, _ trained: Trained) throws(Diagnostic) -> Decoder {
        guard case .adapters(let rank, let alpha, let seed) = trained else { return decoder }
        return try decoder.addingAdapters(rank: rank, alpha: alpha, seed: seed)
    }

    private static func flatten(_ tensors: [Tensor]) throws(Diagnostic) -> (weights: Tensor, gradients: Tensor) {
        try noGrad { () throws(Diagnostic) in
            var flat: [Tensor] = []
            for tensor in tensors { flat.append(try tensor.reshaped([tensor.count])) }
            let weights = try Tensor.concatenated(flat).copied(to: .float32, device: .cpu)
            return (weights, try Tensor.zeros(shape: [weights.count]))
        }
    }
}

extension TrainablePolicy {
    /// Adds Σ slope · ∂ log π / ∂ weight to the gradient.
    ///
    /// - Parameters:
    ///   - parts: ranges of sequences that go through the layers together, in order; sequences of one part share their prefixes.
    ///   - slopes: the objective's derivative with respect to each token's log-probability, [sequence][token], for the sequences of a
    ///     part, given their log-probabilities.
    /// - Returns: tokens that went through the layers.
    @discardableResult
    public func accumulate(
        _ batch: TokenSequences, parts: [Range<Int>],
        slopes: (Range<Int>, [[Double]]) throws(Diagnostic) -> [[Double]]
    ) throws(Diagnostic) -> Int {
        var tokens = 0
        for part in parts {
            try grad { () throws(Diagnostic) in
                let read = try computing().tokenLogProbabilities(batch[part])
                tokens += read.tokensComputed
                try read.backward(try slopes(part, try read.numbers()))
            }
        }
        return tokens
    }

    /// Adds Σ slope · ∂ score / ∂ weight to the gradient, for a decoder with a score head read at each sequence's last token.
    @discardableResult
    public func accumulateScores(
        _ sequences: [[Int32]], parts: [Range<Int>], slopes: (Range<Int>, [Double]) throws(Diagnostic) -> [Double]
    ) throws(Diagnostic) -> Int {
        var tokens = 0
        for part in parts {
            try grad { () throws(Diagnostic) in
                let (values, computed) = try computing().finalScores(Array(sequences[part]))
                tokens += computed
                try values.backward(from: try slopes(part, try values.doubles()))
            }
        }
        return tokens
    }

    /// The decoder as passes compute it: in the computing type, by conversions that the gradient goes back through.
    private func computing() throws(Diagnostic) -> Decoder {
        guard computeType != .float32 else { return decoder }
        return try decoder.converted(to: computeType)
    }

    /// √Σg² of what has been accumulated.
    public func gradientNorm() throws(Diagnostic) -> Double { try gradients.norm() }

    /// Σg² of what has been accumulated.
    public func squaredNorm() throws(Diagnostic) -> Double {
        let norm = try gradientNorm()
        return norm * norm
    }

    /// Moves the weights against the gradient by one AdamW step, and clears it.
    ///
    /// - Returns: the gradient's norm before it was clipped.
    /// - Throws: ``Divergence`` as a diagnostic where the gradient is not finite; the weights stay.
    @discardableResult
    public func update(_ settings: UpdateSettings) throws(Diagnostic) -> Double {
        let norm = try gradientNorm()
        guard norm.isFinite else {
            try clearGradient()
            throw Divergence.diagnostic("the gradient is not finite")
        }
        if let clip = settings.gradientClip, norm > clip { try gradients.multiplyInPlace(by: clip / norm) }
        optimizer.settings.learningRate = settings.learningRate
        try optimizer.step()
        try clearGradient()
        return norm
    }

    /// Whether every weight is a number.
    public func hasFiniteWeights() throws(Diagnostic) -> Bool { try weights.norm().isFinite }

    public func clearGradient() throws(Diagnostic) { try gradients.multiplyInPlace(by: 0) }
}

/// A run whose numbers stopped being numbers.
public enum Divergence {
    static let mark = "diverged: "

    public static func diagnostic(_ reason: String) -> Diagnostic {
        Diagnostic(
            .badData, mark + reason, remedy: "Lower the learning rate, or limit the gradient with gradient-clip")
    }

    /// Why a run diverged; `nil` where the error is another.
    public static func reason(_ error: Diagnostic) -> String? {
        error.message.hasPrefix(mark) ? String(error.message.dropFirst(mark.count)) : nil
    }
}

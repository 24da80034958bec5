import CTorch
import Diagnostics

/// Which tokens may stand where: rows of numbers added to logits, 0 for a token that is allowed and −∞ for one that is not.
public struct TokenBias {
    /// [kinds, vocabulary], float32.
    public let table: Tensor

    /// - Parameter allowed: for each kind of place the tokens that may stand there.
    public init(allowed: [[Int32]], vocabularySize: Int, device: Device = .cpu) throws(Diagnostic) {
        var values = [Float](repeating: -.infinity, count: allowed.count * vocabularySize)
        for (kind, tokens) in allowed.enumerated() {
            for token in tokens where token >= 0 && Int(token) < vocabularySize {
                values[kind * vocabularySize + Int(token)] = 0
            }
        }
        table = try Tensor.from(values, shape: [allowed.count, vocabularySize], device: device)
    }
}

extension Tensor {
    /// log softmax(cap(self · weightᵀ) + bias) at the targets, as a tensor [targets] that can be differentiated in the hidden
    /// states self [rows, width] and in the weight [vocabulary, width].
    ///
    /// - Parameters:
    ///   - targets: their rows must rise.
    ///   - bias: which tokens are allowed, and for every row the kind of place that follows it.
    public func tokenLogProbabilities(
        weight: LinearWeight, targets: [TokenTarget], softCap: Double? = nil, bias: (TokenBias, kinds: [Int])? = nil
    ) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, weight.tensor, bias?.0.table]) { table, out in
            table.pointee.token_log_probabilities(
                handle, weight.tensor.handle, targets.map { Int64($0.row) }, targets.map { Int64($0.token) },
                Int64(targets.count), bias?.0.table.handle, bias?.kinds.map(Int64.init) ?? [], softCap ?? 0, out)
        }
    }

    /// log softmax of every row [rows, vocabulary]; for few rows or a small vocabulary.
    public func logDistributions(
        weight: LinearWeight, softCap: Double? = nil, bias: (TokenBias, kinds: [Int])? = nil
    ) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, weight.tensor, bias?.0.table]) { table, out in
            table.pointee.log_distributions(
                handle, weight.tensor.handle, bias?.0.table.handle, bias?.kinds.map(Int64.init) ?? [], softCap ?? 0,
                out)
        }
    }

    /// −Σ p log p of every row's distribution, and Σ p (log p − log q) where the same rows of another head give q, in nats.
    ///
    /// - Parameters:
    ///   - other: hidden states, weight and cap of q; as many rows, and the same vocabulary.
    ///   - bias: of both.
    public func entropies(
        weight: LinearWeight, softCap: Double? = nil,
        other: (hidden: Tensor, weight: LinearWeight, softCap: Double?)? = nil,
        bias: (TokenBias, kinds: [Int])? = nil
    ) throws(Diagnostic) -> (entropies: [Double], divergences: [Double]) {
        var entropies = [Double](repeating: 0, count: shape[0])
        var divergences = [Double](repeating: 0, count: other == nil ? 0 : shape[0])
        let kept =
            [self, weight.tensor] + (other.map { [$0.hidden, $0.weight.tensor] } ?? [])
            + (bias.map { [$0.0.table] } ?? [])
        try Tensor.perform(on: kept) { table in
            table.pointee.entropies(
                handle, weight.tensor.handle, softCap ?? 0, other?.hidden.handle, other?.weight.tensor.handle,
                other?.softCap ?? 0, bias?.0.table.handle, bias?.kinds.map(Int64.init) ?? [], &entropies, &divergences)
        }
        return (entropies, divergences)
    }
}

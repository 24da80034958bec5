import Diagnostics
import Torch

/// Sequences whose tokens from a place on are of interest, given the tokens before.
public struct TokenSequences: Sendable {
    /// Token ids, none empty.
    public var sequences: [[Int32]]
    /// For each sequence the place, from 1 on, of the first token of interest.
    public var starts: [Int]
    /// Which tokens may stand at each place counted from the start; beyond the list its last entry holds. Empty: all.
    public var grammar: [[Int32]]

    public init(_ sequences: [[Int32]], from starts: [Int], grammar: [[Int32]] = []) {
        self.sequences = sequences
        self.starts = starts
        self.grammar = grammar
    }

    /// Prompts with their responses.
    public init(prompts: [[Int32]], responses: [[Int32]], grammar: [[Int32]] = []) {
        self.init(zip(prompts, responses).map { $0 + $1 }, from: prompts.map(\.count), grammar: grammar)
    }

    public var count: Int { sequences.count }

    /// What goes through the layers: everything but each sequence's last token, which predicts nothing that is asked for.
    var predicting: [[Int32]] { sequences.map { $0.count > 1 ? Array($0.dropLast()) : $0 } }

    public subscript(range: Range<Int>) -> TokenSequences {
        TokenSequences(Array(sequences[range]), from: Array(starts[range]), grammar: grammar)
    }
}

/// log π of chosen tokens, ready to be differentiated.
public struct TokenLogProbabilities {
    /// One number a distinct (prefix, token); what sequences share is there once.
    let values: Tensor
    /// For each sequence the place of each of its tokens in `values`.
    let places: [[Int]]
    /// Tokens that went through the layers.
    public let tokensComputed: Int

    /// [sequence][token], in nats.
    public func numbers() throws(Diagnostic) -> [[Double]] {
        let values = try values.doubles()
        return places.map { $0.map { values[$0] } }
    }

    /// Accumulates Σ slopes[i][t] · ∂ log π[i][t] / ∂ weight in every weight that is trained.
    public func backward(_ slopes: [[Double]]) throws(Diagnostic) {
        var sums = [Double](repeating: 0, count: values.count)
        for (sequence, own) in slopes.enumerated() {
            guard own.count == places[sequence].count else {
                throw Diagnostic(.internalFailure, "a derivative is missing for a token of sequence \(sequence)")
            }
            for (token, slope) in own.enumerated() { sums[places[sequence][token]] += slope }
        }
        try values.backward(from: sums)
    }
}

/// Where in a prefix tree the tokens of interest are predicted from.
struct TargetPlan {
    /// Rows of the tree that predict something, rising.
    private(set) var rows: [Int] = []
    /// For each of `rows` how far its next token lies from the start: which entry of the grammar holds.
    private(set) var kinds: [Int] = []
    /// Rows counted among `rows`, rising.
    private(set) var targets: [Tensor.TokenTarget] = []
    private(set) var places: [[Int]] = []

    init(_ batch: TokenSequences, tree: PrefixTree) throws(Diagnostic) {
        var entries: [(row: Int, token: Int32, sequence: Int, kind: Int)] = []
        for (index, sequence) in batch.sequences.enumerated() {
            let start = batch.starts[index]
            guard start >= 1, start <= sequence.count else {
                throw Diagnostic(.internalFailure, "place \(start) lies outside sequence \(index)")
            }
            let rows = tree.rows(of: index).flatMap { Array($0) }
            for place in start..<sequence.count {
                entries.append((rows[place - 1], sequence[place], index, place - start))
            }
        }
        places = batch.sequences.indices.map { index in
            Array(repeating: 0, count: batch.sequences[index].count - batch.starts[index])
        }
        entries.sort { ($0.row, $0.token) < ($1.row, $1.token) }
        for entry in entries { add(entry, lastKind: max(batch.grammar.count - 1, 0)) }
    }

    private mutating func add(_ entry: (row: Int, token: Int32, sequence: Int, kind: Int), lastKind: Int) {
        if rows.last != entry.row {
            rows.append(entry.row)
            kinds.append(min(entry.kind, lastKind))
        }
        let target = Tensor.TokenTarget(row: rows.count - 1, token: entry.token)
        if targets.last != target { targets.append(target) }
        places[entry.sequence][entry.kind] = targets.count - 1
    }
}

extension Decoder {
    /// log π of the sequences' tokens of interest, each shared prefix computed once, with a graph where gradients are enabled.
    public func tokenLogProbabilities(_ batch: TokenSequences) throws(Diagnostic) -> TokenLogProbabilities {
        let tree = try PrefixTree(checking: batch.predicting)
        let plan = try TargetPlan(batch, tree: tree)
        let hidden = try hiddenStates(of: tree, wanted: plan.rows)
        let values = try hidden.tokenLogProbabilities(
            weight: LinearWeight(try trainableHead()), targets: plan.targets, softCap: configuration.logitSoftCap,
            bias: try bias(batch.grammar, kinds: plan.kinds))
        return TokenLogProbabilities(values: values, places: plan.places, tokensComputed: tree.rowCount)
    }

    /// Hidden states after the final norm of the wanted rows of a tree, in one pass and without a cache.
    func hiddenStates(of tree: PrefixTree, wanted: [Int]) throws(Diagnostic) -> Tensor {
        let pass = tree.pass(0..<tree.rowCount, wanted: wanted, positions: tree.positions, isCached: false)
        return try hiddenStates(tokens: tree.tokens, pass: pass, cache: nil)
    }

    private func trainableHead() throws(Diagnostic) -> Tensor {
        try requireLanguageHead().plain.converted(to: elementType, device: device)
    }

    private func bias(_ grammar: [[Int32]], kinds: [Int]) throws(Diagnostic) -> (TokenBias, kinds: [Int])? {
        guard !grammar.isEmpty else { return nil }
        let table = try TokenBias(allowed: grammar, vocabularySize: configuration.vocabularySize, device: device)
        return (table, kinds)
    }

    /// log π of every next token after each sequence, [sequence][vocabulary], in nats, without a graph.
    public func nextTokenLogProbabilities(
        after sequences: [[Int32]], allowed: [Int32] = []
    ) throws(Diagnostic) -> [[Double]] {
        try noGrad { () throws(Diagnostic) in
            let tree = try PrefixTree(checking: sequences)
            let ends = sequences.indices.map { (tree.rows(of: $0).last?.upperBound ?? 1) - 1 }
            let wanted = Set(ends).sorted()
            let hidden = try hiddenStates(of: tree, wanted: wanted)
            let bias = try bias(allowed.isEmpty ? [] : [allowed], kinds: Array(repeating: 0, count: wanted.count))
            let flat = try hidden.logDistributions(
                weight: LinearWeight(try trainableHead()), softCap: configuration.logitSoftCap, bias: bias
            ).doubles()
            let size = configuration.vocabularySize
            let place = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
            return ends.map { end in
                let row = place[end] ?? 0
                return Array(flat[row * size..<(row + 1) * size])
            }
        }
    }

    /// What this decoder and another of the same vocabulary say of the tokens of interest, without a graph: one pass of each.
    /// Vocabulary-sized numbers exist for a chunk of rows at a time.
    public func compared(with other: Decoder, on batch: TokenSequences) throws(Diagnostic) -> TokenComparison {
        try noGrad { () throws(Diagnostic) in
            let tree = try PrefixTree(checking: batch.predicting)
            let plan = try TargetPlan(batch, tree: tree)
            let (own, its) = (
                try hiddenStates(of: tree, wanted: plan.rows), try other.hiddenStates(of: tree, wanted: plan.rows)
            )
            let (weight, itsWeight) = (LinearWeight(try trainableHead()), LinearWeight(try other.trainableHead()))
            let itsCap = other.configuration.logitSoftCap
            let bias = try bias(batch.grammar, kinds: plan.kinds)
            let read = try own.entropies(
                weight: weight, softCap: configuration.logitSoftCap, other: (its, weight: itsWeight, softCap: itsCap),
                bias: bias)
            func chosen(
                _ hidden: Tensor, _ weight: LinearWeight, _ cap: Double?
            ) throws(Diagnostic) -> [[Double]] {
                let values = try hidden.tokenLogProbabilities(
                    weight: weight, targets: plan.targets, softCap: cap, bias: bias)
                return try TokenLogProbabilities(
                    values: values, places: plan.places, tokensComputed: tree.rowCount
                ).numbers()
            }
            func ofRows(_ values: [Double]) -> [[Double]] {
                plan.places.map { $0.map { values[plan.targets[$0].row] } }
            }
            return TokenComparison(
                logProbabilities: try chosen(own, weight, configuration.logitSoftCap),
                others: try chosen(its, itsWeight, itsCap), entropies: ofRows(read.entropies),
                divergences: ofRows(read.divergences))
        }
    }

    /// The score head's output at each sequence's last token, [sequences] float32, with a graph where gradients are enabled.
    public func finalScores(_ sequences: [[Int32]]) throws(Diagnostic) -> (values: Tensor, tokensComputed: Int) {
        let tree = try PrefixTree(checking: sequences)
        let ends = sequences.indices.map { (tree.rows(of: $0).last?.upperBound ?? 1) - 1 }
        let wanted = Set(ends).sorted()
        let place = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
        let scores = try headOutputs(try hiddenStates(of: tree, wanted: wanted))
        let ordered = try scores.reshaped([wanted.count]).rows(ends.compactMap { place[$0] })
        return (ordered, tree.rowCount)
    }
}

/// Two decoders on the same tokens, [sequence][token], in nats.
public struct TokenComparison: Sendable {
    public var logProbabilities: [[Double]]
    /// Of the other decoder.
    public var others: [[Double]]
    /// Of the next token's distribution at each place.
    public var entropies: [[Double]]
    /// KL divergence of that distribution from the other decoder's.
    public var divergences: [[Double]]
}

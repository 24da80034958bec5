import Diagnostics
import RealModule
import Torch

/// What was generated for one request.
public struct Generation: Sendable, Hashable {
    /// New token ids, the end token included where one was reached.
    public var tokens: [Int32]
    /// Whether an end token was reached, rather than the limit.
    public var hasEnded: Bool
    /// log p of each new token at temperature 1, without truncation, in nats; empty unless asked for.
    public var logProbabilities: [Double]
}

/// What to generate.
public struct GenerationRequest: Sendable {
    /// Prompts as token ids, none empty.
    public var prompts: [[Int32]]
    /// Continuations of each prompt.
    public var samplesPerPrompt: Int
    public var maximumTokens: Int
    public var endTokens: Set<Int32>
    public var sampling: Sampling
    public var wantsLogProbabilities: Bool
    /// Which tokens may stand at each place; beyond the list its last entry holds. Empty: all. Probabilities are the softmax
    /// over the tokens allowed.
    public var grammar: [[Int32]]

    public init(
        prompts: [[Int32]], samplesPerPrompt: Int = 1, maximumTokens: Int, endTokens: Set<Int32> = [],
        sampling: Sampling = .greedy, wantsLogProbabilities: Bool = false, grammar: [[Int32]] = []
    ) {
        self.grammar = grammar
        self.prompts = prompts
        self.samplesPerPrompt = samplesPerPrompt
        self.maximumTokens = maximumTokens
        self.endTokens = endTokens
        self.sampling = sampling
        self.wantsLogProbabilities = wantsLogProbabilities
    }
}

extension Decoder {
    /// Generates continuations with one cache in which each prompt's (and each shared prompt prefix's) keys and values
    /// stand once, whatever the number of samples. Result [prompt][sample].
    public func generate(
        _ request: GenerationRequest, rowsPerPass: Int = defaultRowsPerPass
    ) throws(Diagnostic) -> [[Generation]] {
        let prefill = try PrefixTree(checking: request.prompts)
        let count = request.prompts.count * request.samplesPerPrompt
        var run = GenerationRun(
            request: request, prefixes: request.prompts.indices.map { prefill.rows(of: $0) },
            firstOwnRow: prefill.rowCount)
        return try noGrad { () throws(Diagnostic) in
            guard count > 0, request.maximumTokens > 0 else { return run.results() }
            let cache = try makeCache(rows: prefill.rowCount + count * request.maximumTokens)
            var hidden = try fill(cache, with: prefill, rowsPerPass: rowsPerPass, request: request)
            for step in 0..<request.maximumTokens {
                try run.choose(try logits(hidden), step: step)
                guard step + 1 < request.maximumTokens, let pass = run.nextPass(step: step) else { break }
                hidden = try hiddenStates(tokens: pass.tokens, pass: pass.pass, cache: cache)
            }
            return run.results()
        }
    }

    /// Runs the prompts through the layers; returns each sample's last hidden state, [prompts · samples, width].
    private func fill(
        _ cache: [LayerCache], with tree: PrefixTree, rowsPerPass: Int, request: GenerationRequest
    ) throws(Diagnostic) -> Tensor {
        let ends = request.prompts.indices.map { (tree.rows(of: $0).last?.upperBound ?? 1) - 1 }
        let wanted = Set(ends).sorted()
        var parts: [Tensor] = []
        let (tokens, positions) = (tree.tokens, tree.positions)
        for rows in PassPlan(rowCount: tree.rowCount, rowsPerPass: rowsPerPass).ranges {
            let here = wanted.filter(rows.contains)
            let pass = tree.pass(rows, wanted: here, positions: positions, isCached: true)
            let hidden = try hiddenStates(tokens: Array(tokens[rows]), pass: pass, cache: cache)
            if !here.isEmpty { parts.append(hidden) }
        }
        let place = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
        let order = ends.flatMap { Array(repeating: place[$0] ?? 0, count: request.samplesPerPrompt) }
        return try Tensor.concatenated(parts).rows(order)
    }
}

/// The samples of one call as they grow.
private struct GenerationRun {
    let request: GenerationRequest
    /// Cache rows of each prompt, from the root on.
    let prefixes: [[Range<Int>]]
    /// First cache row after the prompts; each sample has `maximumTokens` rows of its own from there on.
    let firstOwnRow: Int
    private var samples: [Generation]
    /// The samples whose hidden states come next, in order.
    private var active: [Int]

    init(request: GenerationRequest, prefixes: [[Range<Int>]], firstOwnRow: Int) {
        self.request = request
        self.prefixes = prefixes
        self.firstOwnRow = firstOwnRow
        let count = request.prompts.count * request.samplesPerPrompt
        samples = Array(repeating: Generation(tokens: [], hasEnded: false, logProbabilities: []), count: count)
        active = Array(0..<count)
    }

    /// Chooses the next token of every active sample from logits [active, vocabulary].
    mutating func choose(_ logits: Tensor, step: Int) throws(Diagnostic) {
        let vocabulary = logits.shape[1]
        let values = try logits.floats()
        for (row, sample) in active.enumerated() {
            let slice = allowed(values[row * vocabulary..<(row + 1) * vocabulary], step: step)
            guard !slice.contains(where: \.isNaN) else {
                throw Diagnostic(
                    .badData, "the model's logits are not numbers",
                    remedy: "The checkpoint's weights may be damaged, or overflow in this dtype; try --dtype float32")
            }
            let token = request.sampling.choose(slice, step: step, item: sample)
            samples[sample].tokens.append(token)
            if request.wantsLogProbabilities {
                samples[sample].logProbabilities.append(Self.logProbability(slice, token))
            }
            samples[sample].hasEnded = request.endTokens.contains(token)
        }
        active.removeAll { samples[$0].hasEnded }
    }

    /// The logits with −∞ for what the grammar does not allow at this place.
    private func allowed(_ logits: ArraySlice<Float>, step: Int) -> ArraySlice<Float> {
        guard let tokens = request.grammar.isEmpty ? nil : request.grammar[min(step, request.grammar.count - 1)] else {
            return logits
        }
        var limited = ArraySlice(repeating: -Float.infinity, count: logits.count)
        for token in tokens { limited[Int(token)] = logits[logits.startIndex + Int(token)] }
        return limited
    }

    private static func logProbability(_ logits: ArraySlice<Float>, _ token: Int32) -> Double {
        let top = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + .exp(Double($1) - top) }
        return Double(logits[logits.startIndex + Int(token)]) - top - .log(sum)
    }

    /// The pass that feeds the newest token, number `step`, of every active sample; `nil` where all have ended.
    func nextPass(step: Int) -> (tokens: [Int32], pass: DecoderPass)? {
        guard !active.isEmpty else { return nil }
        var segments = SegmentMap()
        for (row, sample) in active.enumerated() {
            let start = firstRow(of: sample)
            let path = prefixes[sample / request.samplesPerPrompt] + [start..<start + step + 1]
            segments.append(queries: row..<row + 1, keys: path.map { .init(isCached: true, rows: $0) })
        }
        let positions = active.map { sample in
            Int64(request.prompts[sample / request.samplesPerPrompt].count + step)
        }
        let pass = DecoderPass(
            cacheRows: active.map { firstRow(of: $0) + step }, positions: positions, segments: segments,
            wanted: Array(active.indices), wantedSegments: segments)
        return (active.compactMap { samples[$0].tokens.last }, pass)
    }

    private func firstRow(of sample: Int) -> Int { firstOwnRow + sample * request.maximumTokens }

    func results() -> [[Generation]] {
        request.prompts.indices.map { prompt in
            (0..<request.samplesPerPrompt).map { samples[prompt * request.samplesPerPrompt + $0] }
        }
    }
}

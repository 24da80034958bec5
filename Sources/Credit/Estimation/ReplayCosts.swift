/// What one replay from each state is expected to cost.
struct ReplayCosts: Sendable, Hashable {
    /// Tokens upstream, by point of the chain.
    let tokens: [Double]
    let seconds: [Double]
    /// Of a plain run.
    let rerunTokens: Double
    let rerunSeconds: Double

    /// By the record: a replay costs what the recorded blocks after its prefix cost. Decisions of one block are taken to cost
    /// the same. The program itself runs as a whole each time.
    init(_ episode: EpisodeOutline, _ chain: ValueChain) {
        var after: [(tokens: Double, seconds: Double)] = [(0, 0)]
        for block in episode.blocks.reversed() {
            let last = after[after.count - 1]
            after.append((last.tokens + Double(block.usage.tokens), last.seconds + block.seconds))
        }
        after.reverse()
        tokens = chain.points.map { after[$0.prefix].tokens - Self.heldTokens($0, episode) }
        seconds = chain.points.map { after[$0.prefix].seconds + episode.programSeconds }
        rerunTokens = after[0].tokens
        rerunSeconds = after[0].seconds + episode.programSeconds
    }

    private static func heldTokens(_ point: ValueChain.Point, _ episode: EpisodeOutline) -> Double {
        guard !point.held.isEmpty else { return 0 }
        let block = episode.blocks[point.prefix]
        return Double(block.usage.tokens) * Double(point.held.count) / Double(block.decisions.count)
    }

    /// c_t of the allocation.
    func weights(_ settings: CreditSettings) -> [Double] { Self.weights(tokens, settings) }

    /// Costs by which one state is weighed against another: where a number of replays is the limit, one is as good as the
    /// other; else by tokens, and a quarter of a whole run besides, since a replay that needs nothing upstream still takes a
    /// run of the program.
    static func weights(_ tokens: [Double], _ settings: CreditSettings) -> [Double] {
        if settings.replays != nil || (settings.budgetTokens == nil && settings.precision == nil) {
            return tokens.map { _ in 1 }
        }
        let floor = max(1, 0.25 * (tokens.first ?? 0))
        return tokens.map { $0 + floor }
    }
}

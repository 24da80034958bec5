import Diagnostics
import HTTPProxy
import Ledger
import Statistics
import Synchronization

/// One run of the program again: the prefix is answered from the record, everything after it upstream.
final class ReplayRun: ExchangeHandler {
    private let plan: ReplayPlan
    private let upstreams: Upstreams
    private let addressing: RequestAddressing
    private let keeper: ExchangeKeeper
    private let secrets: SecretRedaction
    private let state: Mutex<State>

    private struct State {
        var counts = OccurrenceCounts()
        /// The numbers of prefix decisions that the program has asked for.
        var asked: Set<Int> = []
        /// Decisions of the block after the prefix that were answered otherwise than by drawing.
        var substituted: Set<Int> = []
        /// The first request after which something of the prefix was still not asked for.
        var strayed: ProxyRequest?
        /// What an earlier try of the same run had from upstream and has not been asked for again.
        var known: [String: [ExchangeRecord]]
        /// By the identifiers of answers, what later requests may refer to as kept on the server.
        var turns: [String: ModelRequest.Turn] = [:]
    }

    /// - Parameter known: what an earlier try of the same run had from upstream: it is not paid for twice.
    init(
        _ plan: ReplayPlan, _ keeper: ExchangeKeeper, known: [ExchangeRecord], _ secrets: SecretRedaction
    ) throws(Diagnostic) {
        self.plan = plan
        self.secrets = secrets
        self.keeper = keeper
        upstreams = try Upstreams(plan.episode.settings)
        let addressing = try RequestAddressing(plan.episode.settings)
        self.addressing = addressing
        let good = known.filter { $0.failure == nil && $0.status.map { $0 < 300 } == true }
        state = Mutex(State(known: Dictionary(grouping: good.reversed()) { addressing.digest(of: $0.proxyRequest) }))
    }

    func route(_ request: ProxyRequest) async -> Route {
        let redacted = secrets.redacted(request)
        let digest = addressing.digest(of: redacted)
        let format = WireFormat(request)
        guard format.isGenerating else {
            if let answer = plan.others[digest] { return .answer(secrets.restored(answer)) }
            return knownAnswer(digest, to: request) ?? upstreams.route(request)
        }
        let address = state.withLock { $0.counts.next(digest) }
        switch plan.source(of: address, role: plan.episode.settings.roleRule.role(of: redacted)) {
        case .prefix(let decision):
            state.withLock { _ = $0.asked.insert(decision.number) }
            return secrets.restored(decision.answer(to: request))
        case .recorded(let decision):
            state.withLock { _ = $0.substituted.insert(decision.number) }
            return secrets.restored(decision.answer(to: request))
        case .text(let decision, let text):
            state.withLock { _ = $0.substituted.insert(decision.number) }
            return secrets.restored(decision.answer(to: request, saying: text))
        case .upstream(let model): return upstream(request, redacted, address, model)
        }
    }

    func completed(_ exchange: Exchange) async {
        remember(exchange)
        // What came from a record is in it already.
        guard exchange.origin == .upstream else { return }
        await keeper.keep(exchange)
    }

    private func upstream(
        _ request: ProxyRequest, _ redacted: ProxyRequest, _ address: Address, _ model: String?
    ) -> Route {
        noteStraying(redacted)
        if let known = knownAnswer(address.digest, to: request) { return known }
        var sent = request
        if let asked = ModelRequest(request), asked.previousResponse != nil {
            switch asked.expanding(turn) {
            case .success(let whole): sent = whole.applied(to: request)
            case .failure(let refusal): return .refuse(refusal)
            }
        }
        sent = sent.settingSeed(seed(at: address))
        if let model, var asked = ModelRequest(sent) {
            asked.model = model
            sent = asked.applied(to: sent)
        }
        return upstreams.route(sent)
    }

    /// Below 2³¹, which all upstreams take.
    private func seed(at address: Address) -> Int {
        var stream = RandomStream(
            seed: plan.seed, purpose: "replay \(plan.request.use.rawValue) \(address.digest)#\(address.occurrence)",
            step: UInt64(plan.request.prefix), item: UInt64(plan.request.replicate))
        return Int(stream.next() >> 33)
    }

    private func knownAnswer(_ digest: String, to request: ProxyRequest) -> Route? {
        let record = state.withLock { $0.known[digest]?.popLast() }
        guard let record else { return nil }
        return secrets.restored(record.proxyAnswer.route(to: request, record.wireFormat))
    }

    /// Upstream has not seen what was answered from the record, so a request that refers to it is sent whole.
    private func remember(_ exchange: Exchange) {
        guard WireFormat(exchange.request) == .responses, let answer = exchange.answer,
            let request = ModelRequest(exchange.request), let said = try? ModelAnswer(answer, format: .responses),
            let identifier = said.identifier
        else { return }
        state.withLock { $0.turns[identifier] = ModelRequest.Turn(request: request, answer: said) }
    }

    private func turn(_ identifier: String) -> ModelRequest.Turn? { state.withLock { $0.turns[identifier] } }

    private func noteStraying(_ request: ProxyRequest) {
        state.withLock { state in
            guard state.strayed == nil, state.asked.count < plan.prefixDecisions.count else { return }
            state.strayed = request
        }
    }

    /// Whether the run asked for all of the prefix, and for all that was to be put in.
    ///
    /// - Throws: `badData` with the first decision that it did not ask for, and what it asked instead.
    func check() throws(Diagnostic) {
        try keeper.check()
        let (asked, substituted, strayed) = state.withLock { ($0.asked, $0.substituted, $0.strayed) }
        if let missed = plan.prefixDecisions.first(where: { !asked.contains($0.number) }) {
            throw Self.diverged(missed, strayed, addressing)
        }
        let wanted = plan.request.answers.filter { if case .model = $0.value { false } else { true } }.keys
        if let missed = plan.episode.decisions.first(where: {
            wanted.contains($0.number) && !substituted.contains($0.number)
        }) {
            throw Self.diverged(missed, strayed, addressing)
        }
    }

    private static func diverged(
        _ missed: Decision, _ strayed: ProxyRequest?, _ addressing: RequestAddressing
    ) -> Diagnostic {
        let difference = strayed.flatMap { addressing.difference(recorded: missed.request, asked: $0) }
        return Diagnostic(
            .badData,
            "a replay strayed from the record: decision \(missed.number) (\(missed.role)) was not asked for again"
                + (difference.map { "; \($0.text)" } ?? ""),
            remedy: "Look at assay credit check; leave out what varies with --ignore or --normalize")
    }
}

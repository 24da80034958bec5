import Diagnostics
import HTTPProxy
import Ledger
import Synchronization

/// Puts exchanges into the ledger, for an episode or one of its replicates.
///
/// A proxy's client cannot be told that its record failed; the first such failure is kept for who waits for the program.
final class ExchangeKeeper: Sendable {
    private let ledger: Ledger
    private let episode: EpisodeID
    private let replicate: Int
    private let addressing: RequestAddressing
    private let roleRule: RoleRule
    private let secrets: SecretRedaction
    private let state: Mutex<State>
    private let begun = Moment.now

    private struct State {
        /// Exchanges of an earlier try keep the positions before.
        var nextPosition: Int
        var tokens = TokenCount()
        var count = 0
        var failure: Diagnostic?
        var refused = (count: 0, last: "")
        /// Requests that are upstream, by number.
        var expected: [Int: Preparation] = [:]
    }

    private enum Preparation {
        case open
        case underWay(Task<PreparedRequest, Never>)
    }

    /// What a record has of a request, worked out while upstream makes its answer.
    private struct PreparedRequest: Sendable {
        var redacted: ProxyRequest
        /// Secrets that were known then.
        var knownSecrets: Int
        var digest: String
        var role: String
        var model: String
    }

    init(
        _ ledger: Ledger, _ episode: EpisodeID, replicate: Int = 0, after: Int = 0, _ settings: EpisodeSettings,
        _ secrets: SecretRedaction
    ) throws(Diagnostic) {
        self.secrets = secrets
        self.ledger = ledger
        self.episode = episode
        self.replicate = replicate
        addressing = try RequestAddressing(settings)
        roleRule = settings.roleRule
        state = Mutex(State(nextPosition: after))
    }

    /// Exchanges kept, and tokens that they took.
    var kept: (count: Int, tokens: TokenCount) { state.withLock { ($0.count, $0.tokens) } }

    /// Exchanges of which upstream made no answer, and why the last of them had none.
    var refused: (count: Int, last: String) { state.withLock { $0.refused } }

    /// - Throws: what kept an exchange from being recorded.
    func check() throws(Diagnostic) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Takes note of a request that goes upstream.
    func expect(_ request: ProxyRequest) { state.withLock { $0.expected[request.number] = .open } }

    /// Works out what the record will have of an expected request while upstream makes its answer.
    func prepare(_ request: ProxyRequest) {
        state.withLock { state in
            // An exchange that has been kept meanwhile has seen to it itself.
            guard case .open? = state.expected[request.number] else { return }
            state.expected[request.number] = .underWay(Task(priority: .utility) { prepared(request) })
        }
    }

    private func prepared(_ request: ProxyRequest) -> PreparedRequest {
        let redacted = secrets.redacted(request)
        let knownSecrets = secrets.knownCount
        return PreparedRequest(
            redacted: redacted, knownSecrets: knownSecrets, digest: addressing.digest(of: redacted),
            role: WireFormat(redacted).isGenerating ? roleRule.role(of: redacted) : "",
            model: ModelRequest(redacted)?.model ?? "")
    }

    /// Records an exchange.
    func keep(_ exchange: Exchange) async {
        var prepared = await takePrepared(exchange.request)
        // Another request may have brought a secret that this one holds, too.
        if prepared.knownSecrets != secrets.knownCount { prepared = self.prepared(exchange.request) }
        let record = record(of: exchange, prepared)
        do throws(Diagnostic) {
            try ledger.recordExchange(record, of: episode, replicate: replicate)
            state.withLock { state in
                state.count += 1
                state.tokens = state.tokens + record.tokens
                if let failure = record.failure { state.refused = (state.refused.count + 1, failure) }
            }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }

    private func takePrepared(_ request: ProxyRequest) async -> PreparedRequest {
        guard case .underWay(let task)? = state.withLock({ $0.expected.removeValue(forKey: request.number) }) else {
            return prepared(request)
        }
        return await task.value
    }

    private func record(of exchange: Exchange, _ prepared: PreparedRequest) -> ExchangeRecord {
        var exchange = exchange
        // What was sent is not recorded, so it needs no redaction.
        exchange.sent = nil
        exchange = secrets.redacted(exchange, request: prepared.redacted)
        let (request, answer) = (exchange.request, exchange.answer)
        let format = WireFormat(request)
        // A recording keeps the order in which requests came, not that in which answers did.
        let position =
            replicate == 0
            ? request.number
            : state.withLock { state in
                defer { state.nextPosition += 1 }
                return state.nextPosition
            }
        return ExchangeRecord(
            position: position, digest: prepared.digest, format: format.rawValue,
            isDecision: format.isGenerating && exchange.failure == nil && answer?.isSuccess == true,
            role: prepared.role, model: prepared.model,
            method: request.method, target: request.target, requestHeaders: request.headers.recorded,
            request: request.body, status: answer?.status, answerHeaders: answer?.headers.recorded ?? [],
            answer: answer?.body ?? [], failureKind: exchange.failure?.kind.rawValue,
            failure: exchange.failure?.message,
            started: time(exchange.started), firstByte: exchange.firstByte.map(time), ended: time(exchange.ended),
            attempts: exchange.attempts.count, clientWentAway: exchange.clientWentAway,
            tokens: answer.flatMap { try? ModelAnswer($0, format: format).usage }.map(TokenCount.init) ?? TokenCount())
    }

    /// Nanoseconds since 1970, by the clock that never goes back, so that intervals order as they happened.
    private func time(_ moment: Moment) -> Int64 {
        begun.wall + Int64(bitPattern: moment.monotonic &- begun.monotonic)
    }
}

extension HeaderFields {
    var recorded: [RecordedHeader] { map { RecordedHeader($0.name, $0.value) } }
}

extension TokenCount {
    init(_ usage: TokenUsage) { self.init(input: usage.input, cached: usage.cachedInput, output: usage.output) }

    static func + (left: TokenCount, right: TokenCount) -> TokenCount {
        TokenCount(
            input: sum(left.input, right.input), cached: sum(left.cached, right.cached),
            output: sum(left.output, right.output))
    }

    private static func sum(_ left: Int?, _ right: Int?) -> Int? {
        left == nil && right == nil ? nil : (left ?? 0) + (right ?? 0)
    }
}

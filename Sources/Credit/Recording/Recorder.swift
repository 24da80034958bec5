import Diagnostics
import HTTPProxy
import Ledger

/// Sends requests upstream and records each exchange before the program has the last of its answer.
final class Recorder: ExchangeHandler {
    private let keeper: ExchangeKeeper
    private let upstreams: Upstreams

    init(_ keeper: ExchangeKeeper, _ upstreams: Upstreams) {
        self.keeper = keeper
        self.upstreams = upstreams
    }

    func route(_ request: ProxyRequest) async -> Route {
        if let reason = ModelRequest(request)?.serverState ?? request.storeAccess {
            return .refuse(.stateOnServer(reason))
        }
        keeper.expect(request)
        return upstreams.route(request)
    }

    func waiting(for request: ProxyRequest) async { keeper.prepare(request) }

    func completed(_ exchange: Exchange) async { await keeper.keep(exchange) }
}

/// Where requests go.
struct Upstreams: Sendable {
    let standard: UpstreamBase
    let anthropic: UpstreamBase

    init(_ settings: EpisodeSettings) throws(Diagnostic) {
        standard = try UpstreamBase(settings.upstream)
        anthropic =
            try settings.anthropicUpstream.map { (text) throws(Diagnostic) in try UpstreamBase(text) } ?? standard
    }

    func route(_ request: ProxyRequest) -> Route {
        let isAnthropic = WireFormat(request) == .anthropicMessages || request.headers["anthropic-version"] != nil
        // A stream that does not say what it cost could not be budgeted; the client does not see that it was asked.
        return .upstream(request.askingForUsage(), to: isAnthropic ? anthropic : standard)
    }
}

extension Refusal {
    /// A replay could not put the server's state back.
    static func stateOnServer(_ reason: String) -> Refusal {
        Refusal(
            status: 400,
            message: "\(reason), where a replay cannot put it back. Send the whole conversation with each request",
            code: "state_on_server")
    }
}

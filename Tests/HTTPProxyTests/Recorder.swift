import HTTPProxy
import Synchronization

/// A handler that routes as it is told and keeps what it hears.
final class Recorder: ExchangeHandler {
    private let choose: @Sendable (ProxyRequest) async -> Route
    private let heard = Mutex<[Exchange]>([])
    /// Run before an exchange counts as heard.
    private let onCompletion: @Sendable (Exchange) async -> Void
    private let onWaiting: @Sendable (ProxyRequest) -> Void

    init(
        onWaiting: @escaping @Sendable (ProxyRequest) -> Void = { _ in },
        onCompletion: @escaping @Sendable (Exchange) async -> Void = { _ in },
        _ choose: @escaping @Sendable (ProxyRequest) async -> Route
    ) {
        self.choose = choose
        self.onWaiting = onWaiting
        self.onCompletion = onCompletion
    }

    var exchanges: [Exchange] { heard.withLock { $0 } }

    func route(_ request: ProxyRequest) async -> Route { await choose(request) }

    func waiting(for request: ProxyRequest) async { onWaiting(request) }

    func completed(_ exchange: Exchange) async {
        await onCompletion(exchange)
        heard.withLock { $0.append(exchange) }
    }
}

import HTTPProxy
import Synchronization

/// Lets several runs share one proxy, and its connections to upstream: the first step of a request's path says whose it is.
final class RunRouter: ExchangeHandler {
    private struct State {
        var handlers: [String: any ExchangeHandler] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Makes a run known.
    ///
    /// - Returns: the step of the path that tells it, which begins with a slash.
    func add(_ handler: some ExchangeHandler) -> String {
        state.withLock { state in
            state.count += 1
            state.handlers["run-\(state.count)"] = handler
            return "/run-\(state.count)"
        }
    }

    /// What still comes for this run is refused: its program is gone.
    func remove(_ path: String) {
        state.withLock { state in _ = state.handlers.removeValue(forKey: String(path.dropFirst())) }
    }

    func route(_ request: ProxyRequest) async -> Route {
        guard let (handler, stripped) = find(request) else {
            return .refuse(
                Refusal(status: 404, message: "This address belongs to no run that is at work", code: "no_such_run"))
        }
        return await handler.route(stripped)
    }

    func waiting(for request: ProxyRequest) async {
        guard let (handler, stripped) = find(request) else { return }
        await handler.waiting(for: stripped)
    }

    func completed(_ exchange: Exchange) async {
        guard let (handler, stripped) = find(exchange.request) else { return }
        var exchange = exchange
        exchange.request = stripped
        await handler.completed(exchange)
    }

    private func find(_ request: ProxyRequest) -> (any ExchangeHandler, ProxyRequest)? {
        let step = request.target.dropFirst().prefix { $0 != "/" && $0 != "?" }
        guard let handler = state.withLock({ $0.handlers[String(step)] }) else { return nil }
        var stripped = request
        stripped.target = String(request.target.dropFirst(step.count + 1))
        return (handler, stripped)
    }
}

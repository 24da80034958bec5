/// Who decides where requests go and hears how they ended. Requests of several connections come at the same time.
public protocol ExchangeHandler: Sendable {
    /// Where a request goes. Called once for each, when the whole of it is there, as a rule on its connection's event loop: what
    /// takes long belongs elsewhere.
    func route(_ request: ProxyRequest) async -> Route

    /// Called once a request that is going upstream has been on its way for a moment: time to work on it that its client does not
    /// wait for. Not called where the answer comes sooner; it may end after ``completed(_:)``.
    func waiting(for request: ProxyRequest) async

    /// Called once for each request that was routed, when its answer is whole or has failed, and before the client gets
    /// the last of it: what a client can act on has been seen here. It runs to its end, also where the server is stopped.
    func completed(_ exchange: Exchange) async
}

extension ExchangeHandler {
    public func waiting(for request: ProxyRequest) async {}
}

/// Where a request goes.
public enum Route: Sendable {
    /// To an upstream: the request as it came, or rewritten (``ProxyRequest/settingSeed(_:)``,
    /// ``ProxyRequest/askingForUsage()``).
    case upstream(ProxyRequest, to: UpstreamBase, retry: RetryPolicy)
    /// Nowhere: this is its answer. ``WireFormat/answer(_:to:)`` makes one that suits the request.
    case answer(ProxyAnswer)
    /// Nowhere: an error in the shape of the API that was called.
    case refuse(Refusal)
}

extension Route {
    /// To an upstream, tried again as ``RetryPolicy/suited(to:)`` says.
    public static func upstream(_ request: ProxyRequest, to base: UpstreamBase) -> Route {
        .upstream(request, to: base, retry: .suited(to: request))
    }
}

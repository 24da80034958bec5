import NIOCore
import NIOHTTP1

/// Serves the connections of a ``ProxyServer``: reads requests, has them routed, brings the answers.
struct ExchangeService<Handler: ExchangeHandler>: Sendable {
    let handler: Handler
    let configuration: ProxyConfiguration
    let upstream: UpstreamClient
    let activity = ServerActivity()

    init(handler: Handler, configuration: ProxyConfiguration) {
        self.handler = handler
        self.configuration = configuration
        upstream = UpstreamClient(configuration)
    }

    /// Serves one connection until it ends.
    func serve(_ connection: ProxyServer.Connection) async {
        let presence = ClientPresence(connection.messages.channel)
        // What is thrown here is the end of one connection; its exchanges have been reported.
        try? await connection.messages.executeThenClose { inbound, outbound in
            let writer = ResponseWriter(outbound, presence, connection)
            var reader = RequestReader(inbound, longestBody: configuration.longestBody)
            while !activity.isStopping, let request = try await reader.next(writer) {
                let executor: any TaskExecutor =
                    request.isShort ? connection.executor : globalConcurrentExecutor
                let goesOn = await withTaskExecutorPreference(executor) { await serve(request, writer, on: executor) }
                guard goesOn else { return }
            }
        }
    }

    /// Serves one request.
    ///
    /// - Parameter executor: where it is worked on.
    /// - Returns: whether the connection can serve another.
    private func serve(
        _ incoming: IncomingRequest, _ writer: ResponseWriter, on executor: any TaskExecutor
    ) async -> Bool {
        let relay = AnswerRelay(writer, to: incoming.head, on: executor)
        let number = activity.begin()
        defer { activity.end() }
        switch admit(incoming, number) {
        case .failure(let refusal):
            let format = WireFormat(method: incoming.head.method.rawValue, target: incoming.head.uri)
            await relay.finish(WireAnswer(refusal.answer(to: format)))
            return false
        case .success(let request):
            let isWhole = await exchange(request, incoming, relay)
            return isWhole && incoming.head.isKeepAlive && !relay.clientHasGone
        }
    }

    /// Returns whether the answer came to its proper end.
    private func exchange(_ request: ProxyRequest, _ incoming: IncomingRequest, _ relay: AnswerRelay) async -> Bool {
        let started = Moment.now
        switch await handler.route(request) {
        case .upstream(let sent, let base, let retry):
            let call = UpstreamCall(sent, to: base, retry: retry, decoded: request.body, original: incoming)
            return await forward(call, for: request, started, relay)
        case .answer(let answer):
            let exchange = Exchange(request: request, origin: .record, answer: answer, started: started)
            return await settle(exchange, WireAnswer(answer), relay)
        case .refuse(let refusal):
            let answer = refusal.answer(to: WireFormat(request))
            let exchange = Exchange(request: request, origin: .refusal, answer: answer, started: started)
            return await settle(exchange, WireAnswer(answer), relay)
        }
    }

    /// Reports an exchange and then gives the client the last of its answer.
    ///
    /// - Parameter wire: what the client has not had yet; `nil` where nothing whole can be given, so that the connection has
    ///   to break.
    func settle(_ exchange: Exchange, _ wire: WireAnswer?, _ relay: AnswerRelay) async -> Bool {
        var exchange = exchange
        exchange.clientWentAway = relay.clientHasGone
        let report = exchange
        // A task of its own, so that what is recorded is recorded whole also where the server is being stopped.
        await Task { await handler.completed(report) }.value
        guard let wire else { return false }
        await relay.finish(wire)
        return true
    }
}

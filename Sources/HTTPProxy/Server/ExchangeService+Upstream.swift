import NIOCore
import NIOHTTP1

extension ExchangeService {
    /// After which a request has left for upstream as a rule, so that what is done meanwhile does not hold it up.
    private static var moment: TimeAmount { .milliseconds(1) }

    /// Sends a request upstream, again where that is allowed, and settles the exchange.
    func forward(
        _ call: UpstreamCall, for request: ProxyRequest, _ started: Moment, _ relay: AnswerRelay
    ) async -> Bool {
        var exchange = Exchange(request: request, origin: .upstream, started: started)
        exchange.sent = call.request
        let pause = relay.loop.scheduleTask(in: Self.moment) {
            _ = Task(priority: .utility) { await handler.waiting(for: request) }
        }
        let outcome = await tries(of: call, relay, &exchange.attempts)
        pause.cancel()
        exchange.answer = outcome.answer
        exchange.failure = outcome.failure
        exchange.firstByte = outcome.firstByte
        exchange.ended = .now
        return await settle(exchange, deliverable(outcome, call, relay), relay)
    }

    private func tries(
        of call: UpstreamCall, _ relay: AnswerRelay, _ attempts: inout [Exchange.Attempt]
    ) async -> UpstreamOutcome {
        while true {
            let attempt = UpstreamAttempt(
                client: upstream, call: call, format: WireFormat(call.request), relay: relay,
                configuration: configuration)
            let started = Moment.now
            let outcome = await attempt.run()
            attempts.append(
                Exchange.Attempt(
                    started: started, ended: .now, status: outcome.answer?.status, failure: outcome.failure))
            guard let failure = outcome.failure, failure.isPassing, !relay.hasBegun, !relay.clientHasGone else {
                return outcome
            }
            let wait = call.retry.wait(
                afterAttempt: attempts.count, ofRequest: call.request.number, retryAfter: outcome.retryAfter)
            guard let wait, await slept(wait) else { return outcome }
        }
    }

    /// Returns whether the time went by undisturbed.
    private func slept(_ seconds: Double) async -> Bool {
        do { try await Task.sleep(for: .seconds(seconds)) } catch { return false }
        return true
    }

    /// What the client still gets; `nil` where its answer has begun and cannot be ended.
    private func deliverable(_ outcome: UpstreamOutcome, _ call: UpstreamCall, _ relay: AnswerRelay) -> WireAnswer? {
        if outcome.isDeliverable { return outcome.wire }
        guard !relay.hasBegun, let failure = outcome.failure else { return nil }
        return WireAnswer(failure.refusal.answer(to: WireFormat(call.request)))
    }
}

extension ExchangeFailure {
    /// Whether the same request may well succeed when it is sent again.
    var isPassing: Bool { ![.tooLong, .unsendable, .stopped].contains(kind) }

    /// What the client is told where upstream gave nothing that it could be told.
    var refusal: Refusal {
        let isTimeout = [.connectTimeout, .idleTimeout, .totalTimeout].contains(kind)
        return Refusal(status: isTimeout ? 504 : 502, message: message, code: "upstream_\(kind.rawValue)")
    }
}

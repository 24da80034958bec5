import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One try of an upstream: sends the request, takes the answer in, and passes on what the client can have at once.
struct UpstreamAttempt: Sendable {
    let client: UpstreamClient
    let call: UpstreamCall
    let format: WireFormat
    let relay: AnswerRelay
    let configuration: ProxyConfiguration
    /// How long upstream may leave its connection open behind the last event of a stream.
    private static let graceAfterEnd = 2.0
    private let timer = AttemptTimer()

    init(
        client: UpstreamClient, call: UpstreamCall, format: WireFormat, relay: AnswerRelay,
        configuration: ProxyConfiguration
    ) {
        self.client = client
        self.call = call
        self.format = format
        self.relay = relay
        self.configuration = configuration
    }

    func run() async -> UpstreamOutcome {
        await timer.run(within: configuration.totalTimeout, on: relay.executor) {
            do {
                let response = try await client.execute(call)
                let executor = response.isShort ? relay.executor : globalConcurrentExecutor
                return await withTaskExecutorPreference(executor) { await receive(response) }
            } catch {
                return UpstreamOutcome(failure: failure(for: error))
            }
        }
    }

    private func receive(_ response: HTTPClientResponse) async -> UpstreamOutcome {
        var reader: AnswerReader
        do throws(ExchangeFailure) {
            reader = try AnswerReader(
                status: response.status, headers: response.headers, format: format,
                longestBody: configuration.longestBody, hidesUsage: call.hidesUsage)
        } catch {
            return UpstreamOutcome(failure: error)
        }
        var broken: ExchangeFailure?
        do {
            for try await piece in response.body {
                let hadEnded = reader.hasEnded
                try reader.take(piece)
                if reader.hasEnded {
                    if !hadEnded { timer.set(Self.graceAfterEnd) }
                } else if reader.isStreamed, relay.hasBegun || !reader.toldError {
                    await relay.pass(&reader)
                }
            }
        } catch {
            // A client stops at the last event, so whatever happens to the connection behind it is no failure.
            if !reader.hasEnded { broken = failure(for: error) }
        }
        reader.finish()
        let isShort = reader.answer.body.count <= EventLoopExecutor.longestBody
        return await withTaskExecutorPreference(isShort ? nil : globalConcurrentExecutor) {
            outcome(reader, broken: broken, retryAfter: RetryAfter(response.headers).seconds)
        }
    }

    private func outcome(_ reader: AnswerReader, broken: ExchangeFailure?, retryAfter: Double?) -> UpstreamOutcome {
        UpstreamOutcome(
            answer: reader.answer, wire: reader.wire, failure: broken ?? reader.verdict(), retryAfter: retryAfter,
            firstByte: reader.firstByte)
    }

    private func failure(for error: any Error) -> ExchangeFailure {
        if let failure = error as? ExchangeFailure { return failure }
        if timer.hasRung {
            return ExchangeFailure(
                .totalTimeout, "upstream had not finished its answer after \(configuration.totalTimeout) s")
        }
        return ExchangeFailure(error, configuration)
    }
}

extension HTTPClientResponse {
    /// Whether the body is no work that would hold up an event loop, as far as its header says.
    fileprivate var isShort: Bool {
        let length = headers.first(name: "Content-Length").flatMap(Int.init) ?? 0
        return length <= EventLoopExecutor.longestBody && !headers.contains(name: "Content-Encoding")
    }
}

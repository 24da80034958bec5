// What the proxy costs: swift run -c release ProxyBenchmark (docs/PERFORMANCE.md). Run it on a machine that does nothing else.
import Foundation
import HTTPProxy

@main
enum ProxyBenchmark {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == RecordedProgram.mode {
            return try await RecordedProgram.play(Array(arguments.dropFirst()))
        }
        let seconds = Double(arguments.first ?? "20") ?? 20
        print("Bodies of 4 KB on loopback; an upstream that answers in 20 ms; \(seconds) s for each line.")
        try await DelayedUpstream.run(delay: 0.020, length: 4096) { upstream in
            let base = try UpstreamBase("http://127.0.0.1:\(upstream)")
            try await compare(base, upstream, seconds, path: "/v1/embeddings", of: "100 requests/s", until: .whole)
            try await compare(
                base, upstream, seconds, path: "/v1/chat/completions", of: "100 streams/s, first byte",
                until: .firstEvent)
            try await RecordedProgram.record(upstream: upstream, seconds: seconds)
        }
        try await recorded(seconds)
    }

    /// Times the upstream with and without the proxy, in turn by halves, so that a slow minute of the machine meets both.
    private static func compare(
        _ base: UpstreamBase, _ upstream: Int, _ seconds: Double, path: String, of name: String,
        until end: LoadClient.End
    ) async throws {
        let handler = PassingHandler(base: base)
        try await ProxyServer.run(handler: handler) { server in
            var direct = Latencies()
            var proxied = Latencies()
            for _ in 0..<4 {
                direct += try await LoadClient.paced(upstream, path, perSecond: 100, seconds: seconds / 4, until: end)
                proxied += try await LoadClient.paced(
                    server.port, path, perSecond: 100, seconds: seconds / 4, until: end)
            }
            report(name, direct: direct, proxied: proxied)
        }
    }

    static func report(_ name: String, direct: Latencies, proxied: Latencies) {
        print("\(name): direct \(direct), proxied \(proxied)")
        for quantile in [0.5, 0.99] {
            let added = proxied.quantile(quantile) - direct.quantile(quantile)
            print("  added at quantile \(quantile): \(Latencies.text(added))")
        }
    }

    private static func recorded(_ seconds: Double) async throws {
        let body = Array(DelayedUpstream.body(length: 4096).utf8)
        let handler = RecordedHandler(
            answer: ProxyAnswer(status: 200, headers: ["Content-Type": "application/json"], body: body))
        try await ProxyServer.run(handler: handler) { server in
            for connections in [1, 8, 64] {
                let count = try await LoadClient.saturated(
                    server.port, "/v1/chat/completions", connections: connections, seconds: seconds / 4)
                print("recorded answers, \(connections) connections: \(Int(Double(count) / (seconds / 4))) requests/s")
            }
        }
    }
}

/// Sends everything upstream.
struct PassingHandler: ExchangeHandler {
    let base: UpstreamBase
    func route(_ request: ProxyRequest) async -> Route { .upstream(request, to: base) }
    func completed(_ exchange: Exchange) async {}
}

/// Answers as a replay does: the request is read and compared by its canonical form.
struct RecordedHandler: ExchangeHandler {
    let answer: ProxyAnswer
    func route(_ request: ProxyRequest) async -> Route {
        let canonical = CanonicalRequest(request)
        return canonical.digestInput.isEmpty ? .refuse(Refusal(status: 500, message: "", code: "")) : .answer(answer)
    }
    func completed(_ exchange: Exchange) async {}
}

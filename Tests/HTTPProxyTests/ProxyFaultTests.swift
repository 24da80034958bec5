import Diagnostics
import NIOHTTP1
@testable import HTTPProxy
import Statistics
import Synchronization
import Testing

extension OverSockets {
    /// What happens when an upstream, a connection or a client fails.
    @Suite struct ProxyFaultTests {
        private static let whole =
            #"{"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}"#
        /// Retries that a test can wait for.
        private static let quick = RetryPolicy(attempts: 4, initial: 0.002, longest: 0.01)

        /// Plays an upstream by what it does at each connection, and tells what a client gets and what was heard.
        private func outcome(
            retry: RetryPolicy = quick, _ settings: ProxyConfiguration = ProxyConfiguration(),
            body: String = "{}", upstream script: @escaping @Sendable (RawConnection, Int) async throws -> Void
        ) async throws -> (answer: RawMessage?, exchange: Exchange) {
            try await ScriptedUpstream.run { connection, number in
                _ = try await connection.message()
                try await script(connection, number)
            } while: { upstream in
                let base = try upstream.base
                let recorder = Recorder { .upstream($0, to: base, retry: retry) }
                let answer = try await ProxyServer.run(settings, handler: recorder) {
                    try await RawClient.ask($0.port, body)
                }
                return (answer, try #require(recorder.exchanges.first))
            }
        }

        @Test("429 and 5xx are tried again and the client sees the good answer alone")
        func retries() async throws {
            let result = try await outcome { connection, number in
                let status = ["429 Too Many Requests", "503 Service Unavailable", "500 Oops", "200 OK"][min(number, 3)]
                try await connection.send(Self.whole.answer(status: status, headers: ["Connection: close"]))
            }
            #expect(result.answer?.line == "HTTP/1.1 200 OK")
            #expect(result.exchange.attempts.map(\.status) == [429, 503, 500, 200])
            #expect(result.exchange.failure == nil)
            #expect(result.exchange.attempts.map { $0.failure?.kind } == [.status, .status, .status, nil])
        }

        @Test("An answer that stays bad is handed on unchanged, and reported as failed")
        func exhausted() async throws {
            let text = #"{"error":{"message":"slow down"}}"#
            let result = try await outcome { connection, _ in
                try await connection.send(text.answer(status: "429 Too Many Requests", headers: ["x-mine: 7"]))
            }
            #expect(result.answer?.line == "HTTP/1.1 429 Too Many Requests")
            #expect(result.answer?.text == text)
            #expect(result.answer?.field("x-mine") == "7")
            #expect(result.exchange.attempts.count == 4)
            #expect(result.exchange.failure?.kind == .status)
            #expect(result.exchange.answer?.body == Array(text.utf8))
        }

        @Test("Retry-After is a lower bound of the wait")
        func retryAfter() async throws {
            let result = try await outcome { connection, number in
                let status = number == 0 ? "429 Too Many Requests" : "200 OK"
                try await connection.send(
                    Self.whole.answer(status: status, headers: ["Retry-After: 0.3", "Connection: close"]))
            }
            let attempts = result.exchange.attempts
            try #require(attempts.count == 2)
            #expect(attempts[1].started.seconds(since: attempts[0].ended) >= 0.3)
        }

        @Test("A wait that upstream asks for and that is too long is left to the client")
        func longRetryAfter() async throws {
            let result = try await outcome { connection, _ in
                try await connection.send(
                    Self.whole.answer(status: "429 Too Many Requests", headers: ["Retry-After: 3600"]))
            }
            #expect(result.answer?.field("Retry-After") == "3600")
            #expect(result.exchange.attempts.count == 1)
        }

        @Test("A client's own error is an answer and not tried again")
        func clientError() async throws {
            let result = try await outcome { connection, _ in
                try await connection.send("{}".answer(status: "400 Bad Request"))
            }
            #expect(result.answer?.line == "HTTP/1.1 400 Bad Request")
            #expect(result.exchange.attempts.count == 1 && result.exchange.failure == nil)
        }

        @Test("Where nothing listens upstream, the client is told in the shape of its API")
        func refused() async throws {
            let base = try UpstreamBase("http://127.0.0.1:1")
            let recorder = Recorder { .upstream($0, to: base, retry: Self.quick) }
            try await ProxyServer.run(handler: recorder) { server in
                let chat = try #require(try await RawClient.ask(server.port, "{}"))
                #expect(chat.line == "HTTP/1.1 502 Bad Gateway")
                #expect(chat.text.contains(#""code":"upstream_connect""#))
                let messages = try #require(try await RawClient.ask(server.port, "POST", "/v1/messages", "{}"))
                #expect(messages.text.hasPrefix(#"{"type":"error","error":{"type":"api_error""#))
            }
            #expect(recorder.exchanges.map(\.attempts.count) == [4, 4])
            #expect(recorder.exchanges.allSatisfy { $0.failure?.kind == .connect && $0.answer == nil })
        }

        @Test("An upstream that says nothing is a timeout")
        func idle() async throws {
            var settings = ProxyConfiguration()
            settings.idleTimeout = 0.1
            let result = try await outcome(retry: .never, settings) { connection, _ in _ = await connection.rest() }
            #expect(result.answer?.line == "HTTP/1.1 504 Gateway Timeout")
            #expect(result.exchange.failure?.kind == .idleTimeout)
        }

        @Test("An upstream that never comes to an end is a timeout")
        func total() async throws {
            var settings = ProxyConfiguration()
            settings.totalTimeout = 0.5
            let result = try await outcome(retry: .never, settings) { connection, _ in
                try await connection.send(.streamHead)
                while true {
                    try await connection.send("data: {}\n\n".chunk)
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            #expect(result.answer == nil)
            #expect(result.exchange.failure?.kind == .totalTimeout)
            #expect(result.exchange.answer?.body.isEmpty == false)
        }

        @Test("A reset before the answer is whole is tried again as long as the client has nothing")
        func resetBeforeBody() async throws {
            let result = try await outcome { connection, number in
                switch number {
                case 0: try await connection.reset()
                case 1:
                    try await connection.send(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"a")
                    try await connection.reset()
                case 2: try await connection.send(.streamHead)
                default: try await connection.send(Self.whole.answer())
                }
            }
            #expect(result.answer?.text == Self.whole)
            #expect(result.exchange.attempts.map { $0.failure?.kind } == [.reset, .reset, .reset, nil])
        }

        @Test("A reset in the middle of a stream breaks the client's connection and is reported, once")
        func resetInStream() async throws {
            let result = try await outcome { connection, _ in
                try await connection.send(.streamHead + "data: {\"choices\":[]}\n\n".chunk)
                try await Task.sleep(for: .milliseconds(50))
                try await connection.reset()
            }
            #expect(result.answer == nil)
            #expect(result.exchange.attempts.count == 1)
            #expect(result.exchange.failure?.kind == .reset)
            #expect(result.exchange.answer?.body == Array("data: {\"choices\":[]}\n\n".utf8))
        }

        @Test("A stream that a server leaves open, or breaks, behind its last event is whole")
        func openEnd() async throws {
            let stream = "data: {\"choices\":[]}\n\ndata: [DONE]\n\n"
            let result = try await outcome { connection, _ in
                try await connection.send(.streamHead + stream.chunk)
                try await Task.sleep(for: .milliseconds(20))
                try await connection.reset()
            }
            #expect(result.answer?.text == stream)
            #expect(result.exchange.failure == nil)
        }

        @Test(
            "Malformed streams go to the client as they are, and are reported as failed",
            arguments: [
                ("data: {\"choices\":[]}\n\ndata: {not json\n\ndata: [DONE]\n\n", ExchangeFailure.Kind.malformed),
                ("data: {\"choices\":[]}\n\n", .malformed),
                ("data: {\"choices\":[]}\n\ndata: {\"error\":{\"type\":\"overloaded\"}}\n\n", .errorEvent),
            ])
        func malformed(stream: String, kind: ExchangeFailure.Kind) async throws {
            let result = try await outcome { connection, _ in
                try await connection.send(.closingStreamHead)
                for event in stream.split(separator: "\n\n") {
                    try await connection.send((event + "\n\n").chunk)
                    try await Task.sleep(for: .milliseconds(30))
                }
                try await connection.send(.lastChunk)
            }
            #expect(result.answer?.text == stream)
            #expect(result.exchange.failure?.kind == kind)
            #expect(result.exchange.answer?.body == Array(stream.utf8))
            #expect(result.exchange.attempts.count == 1)
        }

        @Test("An error that comes as the first event of a stream is tried again")
        func errorFirst() async throws {
            let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n"
            let good = "data: {\"choices\":[]}\n\ndata: [DONE]\n\n"
            let result = try await outcome { connection, number in
                try await connection.send(.closingStreamHead + (number < 2 ? error : good).chunk + .lastChunk)
            }
            #expect(result.exchange.attempts.map { $0.failure?.kind } == [.errorEvent, .errorEvent, nil])
            #expect(result.answer?.text == good)
        }

        @Test("An answer that is not JSON is tried again and then handed on")
        func notJSON() async throws {
            let result = try await outcome { connection, _ in
                try await connection.send("<html>".answer(headers: ["Connection: close"]))
            }
            #expect(result.answer?.text == "<html>")
            #expect(result.exchange.attempts.count == 4 && result.exchange.failure?.kind == .malformed)
        }

        @Test("A client that goes away in the middle of a stream leaves a whole exchange behind")
        func clientLeaves() async throws {
            let (gone, isGone) = AsyncStream<Void>.makeStream()
            let stream = "data: {\"choices\":[]}\n\n"
            try await ScriptedUpstream.run { connection, _ in
                _ = try await connection.message()
                try await connection.send(.streamHead + stream.chunk)
                for await _ in gone { break }
                for _ in 0..<20 {
                    try await connection.send(stream.chunk)
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await connection.send("data: [DONE]\n\n".chunk + .lastChunk)
            } while: { upstream in
                let base = try upstream.base
                let recorder = Recorder { .upstream($0, to: base) }
                try await ProxyServer.run(handler: recorder) { server in
                    try await RawClient.connect(server.port) { client in
                        try await client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
                        _ = try await client.take(through: "\r\n\r\n")
                        _ = try await client.chunk()
                    }
                    isGone.yield()
                }
                let exchange = try #require(recorder.exchanges.first)
                #expect(exchange.clientWentAway)
                #expect(exchange.failure == nil)
                #expect(exchange.answer?.body.count == 21 * stream.utf8.count + 14)
            }
        }

        @Test("A client that goes away before its answer comes leaves a whole exchange behind, and no retries")
        func clientLeavesEarly() async throws {
            try await ScriptedUpstream.run { connection, _ in
                _ = try await connection.message()
                try await Task.sleep(for: .milliseconds(100))
                try await connection.send("{}".answer(status: "503 Busy"))
            } while: { upstream in
                let base = try upstream.base
                let recorder = Recorder { .upstream($0, to: base, retry: Self.quick) }
                try await ProxyServer.run(handler: recorder) { server in
                    try await RawClient.connect(server.port) { client in
                        try await client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                #expect(recorder.exchanges.count == 1)
                #expect(recorder.exchanges.first?.clientWentAway == true)
                #expect(recorder.exchanges.first?.attempts.count == 1)
                #expect(recorder.exchanges.first?.answer?.status == 503)
            }
        }

        @Test("A server that ends while clients come ends them too, and a new one can be had at once")
        func endingWhileClientsCome() async throws {
            for _ in 0..<20 {
                let recorder = Recorder { _ in .answer(ProxyAnswer(status: 200)) }
                let clients = try await ProxyServer.run(handler: recorder) { server in
                    (0..<20).map { _ in
                        Task {
                            try await RawClient.connect(server.port) { client in
                                // A kernel may forget a connection that nobody had accepted when its listener closed,
                                // and says so to a client that sends something alone.
                                try await client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n")
                                return await client.rest().count
                            }
                        }
                    }
                }
                // Each is refused or closed; none is left hanging.
                for client in clients { _ = await client.result }
                #expect(recorder.exchanges.isEmpty)
            }
        }

        @Test("What is under way when the server stops is reported, as whole where it ends in time, else as stopped")
        func stopping() async throws {
            try await ScriptedUpstream.run { connection, _ in
                let request = try await connection.message()
                try await Task.sleep(for: .milliseconds(request?.text == "{\"slow\":1}" ? 60_000 : 50))
                try await connection.send(Self.whole.answer())
            } while: { upstream in
                let base = try upstream.base
                let recorder = Recorder { .upstream($0, to: base) }
                var settings = ProxyConfiguration()
                settings.drainTime = 0.3
                let clients = try await ProxyServer.run(settings, handler: recorder) { server in
                    let clients = ["{\"slow\":1}", "{}"].map { body in
                        Task { try await RawClient.ask(server.port, body) }
                    }
                    try await Task.sleep(for: .milliseconds(30))
                    return clients
                }
                for client in clients { _ = await client.result }
                #expect(recorder.exchanges.map { $0.failure?.kind } == [nil, .stopped])
            }
        }

        @Test(
            "Retry-After is read in seconds, in milliseconds and as a date",
            arguments: [
                ([("Retry-After", "3")], 3.0), ([("retry-after", " 0.5 ")], 0.5), ([("retry-after-ms", "250")], 0.25),
                ([("Retry-After", "9"), ("Retry-After-Ms", "1500")], 1.5), ([("Retry-After", "-1")], nil),
                // date -u -d @784111777 is Sun Nov 6 08:49:37 UTC 1994, the example of RFC 9110.
                ([("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")], 77),
                ([("Retry-After", "Sun, 06 Nov 1994 08:40:00 GMT")], 0), ([("Retry-After", "soon")], nil), ([], nil),
            ] as [([(String, String)], Double?)])
        func retryAfterForms(headers: [(String, String)], seconds: Double?) {
            let now = Moment(monotonic: 0, wall: 784_111_700 * 1_000_000_000)
            #expect(RetryAfter(HTTPHeaders(headers), now: now).seconds == seconds)
        }

        @Test(
            "Dates of HTTP are those of the calendar",
            arguments: [
                (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
                (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            ])
        func dates(seconds: Int, text: String) { #expect(HTTPDate(text)?.seconds == seconds) }

        @Test("Only what does no harm twice is tried again unasked")
        func suitedRetries() {
            for (method, target, tries) in [
                ("POST", "/v1/chat/completions", 4), ("GET", "/v1/files", 4), ("POST", "/v1/embeddings", 4),
                ("POST", "/v1/files", 1), ("DELETE", "/v1/files/f", 1),
            ] {
                #expect(RetryPolicy.suited(to: ProxyRequest(method: method, target: target)).attempts == tries)
            }
        }

        @Test("Waits grow, have a random part of their own for each request, and end")
        func waits() {
            let policy = RetryPolicy(attempts: 5, initial: 1, longest: 3, seed: 7)
            let waits = (1..<7).map { policy.wait(afterAttempt: $0, ofRequest: 3, retryAfter: nil) }
            #expect(waits.map { $0 == nil } == [false, false, false, false, true, true])
            for (wait, ceiling) in zip(waits.compactMap { $0 }, [1.0, 2, 3, 3]) {
                #expect(wait >= ceiling / 2 && wait <= ceiling)
            }
            let others = (0..<20).map { policy.wait(afterAttempt: 1, ofRequest: $0, retryAfter: nil) ?? 0 }
            #expect(Set(others).count == 20)
            #expect(waits == (1..<7).map { policy.wait(afterAttempt: $0, ofRequest: 3, retryAfter: nil) })
        }
    }
}

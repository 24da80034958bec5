import Diagnostics
import HTTPProxy
import JSON
import Synchronization
import Testing

extension OverSockets {
    @Suite struct ProxyServerTests {
        private static let reply = #"{"choices":[{"index":0,"message":{"role":"assistant","content":"hello"}}]}"#

        /// Runs a proxy in front of an upstream.
        private func proxied<Result: Sendable>(
            to upstream: ScriptedUpstream, retry: RetryPolicy = .never,
            _ body: @Sendable (Int, Recorder) async throws -> Result
        ) async throws -> Result {
            let base = try upstream.base
            let recorder = Recorder { .upstream($0, to: base, retry: retry) }
            return try await ProxyServer.run(handler: recorder) { try await body($0.port, recorder) }
        }

        @Test("A request goes upstream and its answer comes back, both as they were")
        func passing() async throws {
            let seen = Mutex<RawMessage?>(nil)
            try await ScriptedUpstream.answering { request in
                seen.withLock { $0 = request }
                return Self.reply.answer(headers: ["Content-Type: application/json", "x-request-id: abc"])
            } while: { upstream in
                try await proxied(to: upstream) { port, recorder in
                    let body = #"{ "model":"m", "messages": [],  "unknown":1.50 }"#
                    let answer = try #require(
                        try await RawClient.ask(
                            port, "POST", "/v1/chat/completions?x=%2F&&y",
                            headers: ["X-Mine: 1", "Connection: keep-alive"], body))
                    #expect(answer.line == "HTTP/1.1 200 OK")
                    #expect(answer.text == Self.reply)
                    #expect(answer.field("x-request-id") == "abc")
                    let request = try #require(seen.withLock { $0 })
                    #expect(request.line == "POST /v1/chat/completions?x=%2F&&y HTTP/1.1")
                    #expect(request.text == body)
                    #expect(request.field("X-Mine") == "1")
                    #expect(request.field("Host") == "127.0.0.1:\(upstream.port)")
                    let exchange = try #require(recorder.exchanges.first)
                    #expect(recorder.exchanges.count == 1)
                    #expect(exchange.answer?.body == Array(Self.reply.utf8))
                    #expect(exchange.failure == nil && exchange.attempts.count == 1 && !exchange.clientWentAway)
                    #expect(exchange.origin == .upstream)
                    #expect(exchange.request.headers["x-mine"] == "1")
                }
            }
        }

        @Test(
            "A handler hears of a request that is waiting upstream, once and before its answer", .timeLimit(.minutes(1))
        )
        func waiting() async throws {
            let (heard, tell) = AsyncStream<String>.makeStream()
            let told = Mutex<[String]>([])
            try await ScriptedUpstream.answering { _ in
                for await target in heard {
                    told.withLock { $0.append(target) }
                    break
                }
                return Self.reply.answer(headers: ["Content-Type: application/json"])
            } while: { upstream in
                let base = try upstream.base
                let recorder = Recorder(
                    onWaiting: { tell.yield($0.target) },
                    onCompletion: { _ in told.withLock { $0.append("completed") } },
                    { .upstream($0, to: base, retry: .never) })
                try await ProxyServer.run(handler: recorder) { server in
                    let answer = try await RawClient.ask(server.port, "POST", "/v1/embeddings", "{}")
                    #expect(answer?.text == Self.reply)
                }
            }
            #expect(told.withLock { $0 } == ["/v1/embeddings", "completed"])
        }

        @Test(
            "The usage of a stream that the client did not ask for is recorded and kept from it",
            arguments: [true, false])
        func hiddenUsage(clientAsks: Bool) async throws {
            let said = #"data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"# + "\r\n\r\n"
            let usage = #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}"# + "\n\n"
            let done = "data: [DONE]\n\n"
            let seen = Mutex("")
            try await ScriptedUpstream.run { connection, _ in
                let request = try await connection.message()
                seen.withLock { $0 = request?.text ?? "" }
                try await connection.send(.streamHead)
                for byte in (said + usage + done).utf8 { try await connection.send(String(UnicodeScalar(byte)).chunk) }
                try await connection.send(.lastChunk)
                _ = await connection.rest()
            } while: { upstream in
                let base = try upstream.base
                let recorder = Recorder { .upstream($0.askingForUsage(), to: base) }
                try await ProxyServer.run(handler: recorder) { server in
                    let options = clientAsks ? #","stream_options":{"include_usage":true}"# : ""
                    let answer = try await RawClient.ask(server.port, #"{"stream":true\#(options)}"#)
                    #expect(answer?.text == (clientAsks ? said + usage + done : said + done))
                }
                #expect(seen.withLock { $0 }.contains(#""include_usage":true"#))
                let exchange = try #require(recorder.exchanges.first)
                let answer = try #require(exchange.answer)
                #expect(try ModelAnswer(answer, format: .chatCompletions).usage == TokenUsage(input: 3, output: 1))
                let replayed = try WireFormat.chatCompletions.answer(answer, to: exchange.request)
                #expect(
                    String(decoding: replayed.body, as: UTF8.self) == (clientAsks ? said + usage + done : said + done))
            }
        }

        @Test("Pieces of a stream pass at once, and its last event waits until the exchange has been heard")
        func streaming() async throws {
            let (goOn, mayGoOn) = AsyncStream<Void>.makeStream()
            let (heard, isHeard) = AsyncStream<Void>.makeStream()
            try await ScriptedUpstream.run { connection, _ in
                _ = try await connection.message()
                try await connection.send(.streamHead + "data: {\"a\":1}\n\n".chunk)
                for await _ in goOn { break }
                try await connection.send("data: [DONE]\n\n".chunk + .lastChunk)
            } while: { upstream in
                let base = try upstream.base
                let recorder = Recorder(onCompletion: { _ in
                    for await _ in heard { break }
                }) { .upstream($0, to: base) }
                try await ProxyServer.run(handler: recorder) { server in
                    try await RawClient.connect(server.port) { client in
                        try await client.send(
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
                        _ = try await client.take(through: "\r\n\r\n")
                        #expect(try await client.chunk() == Array("data: {\"a\":1}\n\n".utf8))
                        #expect(recorder.exchanges.isEmpty)
                        mayGoOn.yield()
                        try await Task.sleep(for: .milliseconds(100))
                        #expect(client.pending.isEmpty)
                        isHeard.yield()
                        #expect(try await client.chunk() == Array("data: [DONE]\n\n".utf8))
                        #expect(recorder.exchanges.count == 1)
                        #expect(try await client.chunk() == [])
                        #expect(recorder.exchanges.first?.failure == nil)
                        #expect(
                            recorder.exchanges.first?.answer?.body == Array("data: {\"a\":1}\n\ndata: [DONE]\n\n".utf8))
                    }
                }
            }
        }
    }
}

import NIOCore
import NIOPosix
import Synchronization

@testable import HTTPProxy

/// A server whose every connection is played by a script.
struct ScriptedUpstream: Sendable {
    let port: Int
    var base: UpstreamBase { get throws { try UpstreamBase("http://127.0.0.1:\(port)") } }

    /// - Parameter script: plays one connection; told which it is, from 0.
    static func run<Result: Sendable>(
        _ script: @escaping @Sendable (RawConnection, Int) async throws -> Void,
        while body: @Sendable (ScriptedUpstream) async throws -> Result
    ) async throws -> Result {
        let connections = OpenConnections()
        let count = Counter()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 4096)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    let number = count.next()
                    connections.serve(on: globalConcurrentExecutor) {
                        // A script that fails has ended its connection, as the test meant it or will see.
                        try? await connection.executeThenClose { inbound, outbound in
                            try await script(RawConnection(inbound, outbound, connection.channel), number)
                        }
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(ScriptedUpstream(port: listener.localAddress?.port ?? 0)))
        } catch {
            result = .failure(error)
        }
        try await listener.close()
        await connections.endAll()
        return try result.get()
    }

    /// Answers every request of every connection by a function of it.
    static func answering<Result: Sendable>(
        _ answer: @escaping @Sendable (RawMessage) async throws -> String,
        while body: @Sendable (ScriptedUpstream) async throws -> Result
    ) async throws -> Result {
        try await run(
            { connection, _ in
                while let request = try await connection.message() {
                    try await connection.send(try await answer(request))
                }
            }, while: body)
    }
}

extension String {
    /// A whole answer with this body.
    func answer(status: String = "200 OK", headers: [String] = ["Content-Type: application/json"]) -> String {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(utf8.count)"] + headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + self
    }

    /// This as one chunk of a chunked body.
    var chunk: String { String(utf8.count, radix: 16) + "\r\n" + self + "\r\n" }

    static let streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    /// The same, of a server that takes one request a connection.
    static let closingStreamHead = String(streamHead.dropLast()) + "Connection: close\r\n\r\n"
    static let lastChunk = "0\r\n\r\n"
}

/// Counts from 0.
private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}

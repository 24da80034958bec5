import Diagnostics
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP/1.1 server that asks its handler where each request goes, passes answers on as they come, and tells the handler
/// of every exchange before its client has the last of it.
///
/// There is one way to have one, ``run(_:handler:while:)``: it lives as long as a closure does, so none is left behind.
public struct ProxyServer: Sendable {
    struct Connection: Sendable {
        let messages: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
        let gate = FlushGate()
        let executor: EventLoopExecutor

        /// Builds a new channel's handlers, on its event loop.
        init(_ channel: any Channel) throws {
            executor = EventLoopExecutor(channel.eventLoop)
            try channel.pipeline.syncOperations.addHandler(gate)
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            messages = try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        }
    }

    /// The address that it listens on.
    public let host: String
    public let port: Int
    let token: String?

    /// What a client's base address begins with, with the token where one is needed: `http://127.0.0.1:40123`. Paths such
    /// as `/v1/chat/completions` follow it.
    public var baseURL: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "http://\(name):\(port)" + (token.map { "/\($0)" } ?? "")
    }

    /// Listens while `body` runs; then lets exchanges end that are under way (``ProxyConfiguration/drainTime``).
    ///
    /// - Throws: `usage` where an address that is not loopback has no token; `unavailable` where it cannot be listened on;
    ///   whatever `body` throws.
    public static func run<Result: Sendable>(
        _ configuration: ProxyConfiguration = ProxyConfiguration(), handler: some ExchangeHandler,
        while body: @Sendable (ProxyServer) async throws -> Result
    ) async throws -> Result {
        try check(configuration)
        OpenFileLimit.raise()
        let service = ExchangeService(handler: handler, configuration: configuration)
        return try await service.upstream.withShutdown {
            let connections = OpenConnections()
            let listener = try await listen(configuration, service, connections)
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(ProxyServer(listener, configuration))) } catch {
                result = .failure(error)
            }
            await service.activity.stop(within: configuration.drainTime)
            // It fails only where the socket is closed already.
            try? await listener.close()
            await connections.endAll()
            return try result.get()
        }
    }

    private init(_ channel: any Channel, _ configuration: ProxyConfiguration) throws(Diagnostic) {
        guard let port = channel.localAddress?.port else {
            throw Diagnostic(.unavailable, "the proxy has no port")
        }
        host = configuration.host
        self.port = port
        token = configuration.token
    }

    private static func check(_ configuration: ProxyConfiguration) throws(Diagnostic) {
        if let token = configuration.token {
            let isPlain = token.utf8.allSatisfy { ByteClass.isUnreserved($0) }
            guard token.utf8.count >= 16, isPlain else {
                throw Diagnostic(
                    .usage, "the proxy's token is too short or has characters that an address cannot hold",
                    remedy: "Give at least 16 letters, digits, '-' or '_'")
            }
        }
        guard configuration.isLoopback || configuration.token != nil else {
            throw Diagnostic(
                .usage, "the proxy would listen on \(configuration.host), where others can reach it, without a token",
                remedy: "Give a token, or listen on 127.0.0.1")
        }
    }

    private static func listen(
        _ configuration: ProxyConfiguration, _ service: ExchangeService<some ExchangeHandler>,
        _ connections: OpenConnections
    ) async throws(Diagnostic) -> any Channel {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try Connection(channel)
                    connections.serve(on: connection.executor) { await service.serve(connection) }
                }
            }
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw Diagnostic(
                .unavailable, "cannot listen on \(configuration.host):\(configuration.port): \(error)",
                remedy: "Choose another port; 0 takes any that is free")
        }
    }
}

import NIOCore
import NIOHTTP1

/// Puts answers onto a connection. Where the client has gone, it writes nothing and remembers that.
struct ResponseWriter: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    let presence: ClientPresence
    private let connection: ProxyServer.Connection

    init(
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, _ presence: ClientPresence,
        _ connection: ProxyServer.Connection
    ) {
        self.outbound = outbound
        self.presence = presence
        self.connection = connection
    }

    var loop: any EventLoop { connection.executor.loop }

    /// Says that the body may come.
    func sendContinue(version: HTTPVersion) async {
        guard version != .http1_0 else { return }
        await write([.head(HTTPResponseHead(version: version, status: .continue))])
    }

    /// Writes parts and flushes them.
    func write(_ parts: [HTTPServerResponsePart]) async {
        guard !presence.hasGone else { return }
        do { try await outbound.write(contentsOf: parts) } catch { presence.markGone() }
    }

    /// Writes the last parts of an answer and waits until they have left.
    func writeLast(_ parts: [HTTPServerResponsePart]) async {
        await write(parts)
        await connection.gate.drained(connection.messages.channel)
    }
}

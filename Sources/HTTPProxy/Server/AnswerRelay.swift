import NIOCore
import NIOHTTP1
import Synchronization

/// Brings an answer to the client of one request.
final class AnswerRelay: Sendable {
    private let writer: ResponseWriter
    private let head: HTTPRequestHead
    private let begun = Atomic(false)

    /// Where the exchange is worked on.
    let executor: any TaskExecutor

    init(_ writer: ResponseWriter, to head: HTTPRequestHead, on executor: any TaskExecutor) {
        self.writer = writer
        self.head = head
        self.executor = executor
    }

    /// Whether the client has had anything, so that there is no other answer any more.
    var hasBegun: Bool { begun.load(ordering: .acquiring) }

    /// The client's connection's.
    var loop: any EventLoop { writer.loop }

    var clientHasGone: Bool { writer.presence.hasGone }

    /// Passes on what a reader has taken in, beginning with the head.
    func pass(_ reader: inout AnswerReader) async {
        var parts: [HTTPServerResponsePart] = hasBegun ? [] : [responseHead(reader.wire, length: nil)]
        begun.store(true, ordering: .releasing)
        parts += reader.takeWire().map { .body(.byteBuffer($0)) }
        await writer.write(parts)
    }

    /// Ends an answer: the rest of one that has begun, or the whole.
    func finish(_ wire: WireAnswer) async {
        var parts: [HTTPServerResponsePart] = []
        if !hasBegun {
            let length = wire.body.reduce(0) { $0 + $1.readableBytes }
            parts.append(responseHead(wire, length: head.method == .HEAD ? wire.length ?? 0 : length))
        }
        if head.method != .HEAD { parts += wire.body.map { .body(.byteBuffer($0)) } }
        parts.append(.end(nil))
        begun.store(true, ordering: .releasing)
        await writer.writeLast(parts)
    }

    /// - Parameter length: of the body; `nil` where it is not known yet.
    private func responseHead(_ wire: WireAnswer, length: Int?) -> HTTPServerResponsePart {
        var headers = wire.headers
        let status = wire.status.code
        if let length, status != 204, status != 304 { headers.replaceOrAdd(name: "Content-Length", value: "\(length)") }
        if !head.isKeepAlive {
            headers.add(name: "Connection", value: "close")
        } else if head.version == .http1_0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        return .head(HTTPResponseHead(version: head.version, status: wire.status, headers: headers))
    }
}

extension WireAnswer {
    init(_ answer: ProxyAnswer) {
        let headers = answer.headers.endToEnd
        self.init(
            status: HTTPResponseStatus(statusCode: answer.status),
            headers: HTTPHeaders(headers.map { ($0.name, $0.value) }),
            body: answer.body.isEmpty ? [] : [ByteBuffer(bytes: answer.body)], length: answer.body.count)
    }
}

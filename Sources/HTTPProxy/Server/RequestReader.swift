import Diagnostics
import NIOCore
import NIOHTTP1

/// A request as it stands on the wire.
struct IncomingRequest: Sendable {
    var head: HTTPRequestHead
    /// As it was sent, still compressed where it was.
    var body: [UInt8]
    /// Whether the body was longer than the proxy takes; it is then left out, and the rest of it was not read.
    var isTooLong = false

    /// Whether the body is no work that would hold up an event loop.
    var isShort: Bool {
        body.count <= EventLoopExecutor.longestBody && !head.headers.contains(name: "Content-Encoding")
    }

    /// The header without the fields that concern the connection.
    var headers: HeaderFields { HeaderFields(head.headers.map { HeaderField($0.name, $0.value) }) }
}

/// Takes whole requests off a connection, one after the other.
struct RequestReader {
    private var parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    private let longestBody: Int

    init(_ parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>, longestBody: Int) {
        self.parts = parts.makeAsyncIterator()
        self.longestBody = longestBody
    }

    /// The next request; `nil` where the client has closed the connection.
    mutating func next(_ writer: ResponseWriter) async throws -> IncomingRequest? {
        guard case .head(let head)? = try await parts.next() else { return nil }
        var request = IncomingRequest(head: head, body: [])
        if let length = head.headers.first(name: "Content-Length").flatMap(Int.init), length > longestBody {
            request.isTooLong = true
            return request
        }
        if head.headers[canonicalForm: "Expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            await writer.sendContinue(version: head.version)
        }
        while let part = try await parts.next() {
            guard case .body(let piece) = part else { return request }
            piece.withUnsafeReadableBytes { request.body.append(contentsOf: $0) }
            guard request.body.count <= longestBody else {
                return IncomingRequest(head: head, body: [], isTooLong: true)
            }
        }
        // The client went away in the middle of its request.
        return nil
    }
}

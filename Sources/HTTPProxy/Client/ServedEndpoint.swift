import AsyncHTTPClient
import Diagnostics
import JSON
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A served model's address, and how it is asked.
///
/// The key comes from the environment and goes into the requests' headers only: it is in no spec, record or error.
public struct ServedEndpoint: Sendable {
    /// The address up to `/v1`, without a slash at its end.
    public let address: String
    /// Requests in flight together.
    public let parallel: Int
    private let key: String?
    private let timeout: Int
    private let attempts: Int
    private let remedies: (unavailable: String, refused: String)

    /// - Parameters:
    ///   - address: up to `/v1`.
    ///   - keyVariable: the environment variable that holds the key; without it requests carry none.
    ///   - timeout: of one attempt, in seconds.
    ///   - attempts: how often a request is sent at most.
    ///   - parallel: requests in flight together.
    ///   - remedies: what errors advise where the server does not answer, and where it refuses.
    /// - Throws: `usage` where the address is none of a server.
    public init(
        address: String, keyVariable: String = "OPENAI_API_KEY", timeout: Int = 120, attempts: Int = 5,
        parallel: Int = 8, remedies: (unavailable: String, refused: String)
    ) throws(Diagnostic) {
        self.address = try Self.checked(address)
        key = getenv(keyVariable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        self.timeout = timeout
        self.attempts = attempts
        self.parallel = parallel
        self.remedies = remedies
    }

    /// Lives as long as the process. A connection that is refused is told at once, and a redirection is not followed: it
    /// would take the key, and what is asked, elsewhere.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(20)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private static func checked(_ source: String) throws(Diagnostic) -> String {
        let rest = ["http://", "https://"].first(where: source.hasPrefix).map { source.dropFirst($0.count) }
        let host = rest?.prefix { $0 != "/" } ?? ""
        guard !host.isEmpty, !host.contains("@"), !source.contains("?"), !source.contains("#") else {
            throw Diagnostic(
                .usage, "'\(host.contains("@") ? "…" : String(source.prefix(80)))' is no address of a server",
                remedy: "Write http://HOST:PORT/v1; a key goes into the environment, never into the address")
        }
        return source.hasSuffix("/") ? String(source.dropLast()) : source
    }

    /// Sends a request and waits for its answer; what fails in passing is tried again, later each time.
    ///
    /// Nothing that is asked here changes anything, so it is safe to ask again.
    ///
    /// - Throws: `unavailable` where the server does not answer; `usage` where it refuses the request.
    public func post(
        _ path: String, _ body: JSONValue, headers: [(name: String, value: String)] = []
    ) async throws(Diagnostic) -> JSONValue {
        var attempt = 1
        while true {
            let failure: Failure
            switch await send(path, body, headers) {
            case .success(let value): return value
            case .failure(let found): failure = found
            }
            guard failure.mayPass, attempt < attempts else { throw failure.diagnostic(attempt, remedies) }
            do { try await Task.sleep(for: failure.wait(after: attempt)) } catch {
                throw failure.diagnostic(attempt, remedies)
            }
            attempt += 1
        }
    }

    private func send(
        _ path: String, _ body: JSONValue, _ headers: [(name: String, value: String)]
    ) async -> Result<JSONValue, Failure> {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        request.body = .bytes(ByteBuffer(string: body.text))
        do {
            let response = try await Self.client.execute(request, timeout: .seconds(Int64(timeout)))
            let bytes = try await response.body.collect(upTo: 256 << 20)
            return read(response, Array(buffer: bytes), path)
        } catch {
            return .failure(Failure(place: address + path, what: redacted(Self.words(for: error)), mayPass: true))
        }
    }

    private func read(_ response: HTTPClientResponse, _ bytes: [UInt8], _ path: String) -> Result<JSONValue, Failure> {
        let (code, place) = (Int(response.status.code), address + path)
        guard code == 200 else {
            var failure = Failure(
                place: place, what: "the server answers \(code): \(message(bytes))",
                mayPass: [408, 425, 429].contains(code) || code >= 500)
            failure.isRefusal = (400..<500).contains(code) && !failure.mayPass
            failure.retryAfter = response.headers.first(name: "retry-after").flatMap(Double.init)
            return .failure(failure)
        }
        do throws(Diagnostic) { return .success(try JSONValue(parsing: bytes)) } catch {
            return .failure(
                Failure(place: place, what: "the server's answer is not JSON: \(error.message)", mayPass: true))
        }
    }

    /// What the server says of its refusal.
    private func message(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(4096), as: UTF8.self)
        // An error that is no JSON is told as it is.
        let value = try? JSONValue(parsing: text)
        return redacted(String((value?["error"]?["message"]?.stringValue ?? text).prefix(300)))
    }

    private func redacted(_ text: String) -> String {
        guard let key else { return text }
        return text.split(separator: key, omittingEmptySubsequences: false).joined(separator: "[key]")
    }

    private static func words(for error: any Error) -> String {
        (error as? HTTPClientError) == .deadlineExceeded
            ? "the server took too long" : "the server cannot be reached: \(error)"
    }
}

extension ServedEndpoint {
    /// Why one attempt failed.
    struct Failure: Error {
        var place: String
        var what: String
        /// Whether another attempt may succeed.
        var mayPass: Bool
        /// Whether the request itself is at fault.
        var isRefusal = false
        /// Seconds that the server asks to wait.
        var retryAfter: Double?

        /// As long as the server asks; else half a second, twice as long each time; at most a minute.
        func wait(after attempt: Int) -> Duration {
            let own = 0.5 * Double(1 << min(attempt - 1, 10))
            return .seconds(min(max(retryAfter ?? own, 0), 60))
        }

        func diagnostic(_ attempts: Int, _ remedies: (unavailable: String, refused: String)) -> Diagnostic {
            let often = attempts > 1 ? " (\(attempts) attempts)" : ""
            return Diagnostic(
                isRefusal ? .usage : .unavailable, what + often, at: .init(file: place),
                remedy: isRefusal ? remedies.refused : remedies.unavailable)
        }
    }

    /// Applies `ask` to each element, some at a time; results in order. After a failure nothing more is begun, and the first
    /// element's failure is thrown.
    public func together<Element: Sendable, Value: Sendable>(
        _ elements: [Element], _ ask: @escaping @Sendable (Element) async throws(Diagnostic) -> Value
    ) async throws(Diagnostic) -> [Value] {
        let results = await withTaskGroup(of: (Int, Result<Value, Diagnostic>).self) { group in
            var results: [Int: Result<Value, Diagnostic>] = [:]
            var next = 0
            func begin() {
                guard next < elements.count else { return }
                let (index, element) = (next, elements[next])
                next += 1
                group.addTask {
                    do throws(Diagnostic) { return (index, .success(try await ask(element))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<parallel { begin() }
            for await (index, result) in group {
                results[index] = result
                if case .failure = result { next = elements.count }
                begin()
            }
            return results
        }
        var values: [Value] = []
        for index in results.keys.sorted() { if let result = results[index] { values.append(try result.get()) } }
        return values
    }
}

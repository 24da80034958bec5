extension SecretRedaction {
    /// Learns the secrets that a request brings: in `Authorization` and other fields whose names sound like one, in cookies,
    /// and in the query.
    public func learn(from request: ProxyRequest) {
        for field in request.headers where SecretNames.isSecret(field: field.name) {
            for secret in Self.secrets(in: field) { learn(secret.value, name: secret.name) }
        }
        for pair in Self.pairs(in: request.query ?? "") where SecretNames.isSecret(parameter: pair.name) {
            learn(pair.value, name: pair.name)
            learn(Self.percentDecoded(pair.value), name: pair.name)
        }
    }

    /// Learns the cookies that an answer sets.
    public func learn(from answer: ProxyAnswer) {
        for field in answer.headers where field.isNamed("Set-Cookie") {
            let cookie = field.value.prefix { $0 != ";" }
            for pair in Self.pairs(in: cookie) { learn(String(pair.value), name: "cookie-\(pair.name)") }
        }
    }

    /// The request as it may be recorded. What it brings is learned first.
    public func redacted(_ request: ProxyRequest) -> ProxyRequest {
        learn(from: request)
        var copy = request
        copy.target = redactedTarget(request.target)
        copy.headers = redacted(request.headers)
        copy.body = redacted(request.body)
        return copy
    }

    /// The answer as it may be recorded. A secret that a stream tells in pieces is found in the whole, and the stream is then
    /// recorded in other pieces.
    public func redacted(_ answer: ProxyAnswer, format: WireFormat) -> ProxyAnswer {
        learn(from: answer)
        var copy = answer
        copy.headers = redacted(answer.headers)
        copy.body = redacted(answer.body)
        guard answer.isEventStream, format.isGenerating, let whole = try? ModelAnswer(copy, format: format) else {
            return copy
        }
        let plain = whole.answer(asStream: false)
        let marked = redacted(plain.body)
        guard marked != plain.body else { return copy }
        let safe = ProxyAnswer(status: copy.status, headers: plain.headers, body: marked)
        guard let safe = try? ModelAnswer(safe, format: format) else { return ProxyAnswer(status: copy.status) }
        copy.body = safe.answer(asStream: true, status: copy.status).body
        return copy
    }

    /// The exchange as it may be recorded.
    ///
    /// - Parameter request: its request, where that is redacted already.
    public func redacted(_ exchange: Exchange, request: ProxyRequest? = nil) -> Exchange {
        var copy = exchange
        copy.request = request ?? redacted(exchange.request)
        copy.sent = exchange.sent.map(redacted)
        let format = WireFormat(exchange.request)
        copy.answer = exchange.answer.map { redacted($0, format: format) }
        copy.failure?.message = redacted(exchange.failure?.message ?? "")
        return copy
    }

    /// The answer as it is served at replay, with secrets put back.
    public func restored(_ answer: ProxyAnswer) -> ProxyAnswer {
        var copy = answer
        for index in copy.headers.indices { copy.headers[index].value = restored(copy.headers[index].value) }
        copy.body = restored(copy.body)
        return copy
    }

    /// A recorded request as it can be sent again, with secrets put back. A mark of a short value, which is known in its own
    /// place only, is replaced by what stands there in a live request.
    public func restored(_ request: ProxyRequest, like live: ProxyRequest? = nil) -> ProxyRequest {
        var copy = request
        copy.target = restored(request.target)
        copy.body = restored(request.body)
        for index in copy.headers.indices {
            let field = copy.headers[index]
            let isOwnPlace = SecretNames.isSecret(field: field.name)
            copy.headers[index].value = (isOwnPlace ? live?.headers[field.name] : nil) ?? restored(field.value)
        }
        return copy
    }
}

extension SecretRedaction {
    private func redacted(_ headers: HeaderFields) -> HeaderFields {
        var copy = headers
        for index in copy.indices {
            let field = copy[index]
            var value = redacted(field.value)
            if SecretNames.isSecret(field: field.name) {
                for secret in Self.secrets(in: field) where secret.value.utf8.count < Self.shortestSought {
                    value = Self.replacing(secret.value, in: value, by: mark(secret.name, form: "short"))
                }
            }
            copy[index].value = value
        }
        return copy
    }

    private func redactedTarget(_ target: String) -> String {
        guard let mark = target.firstIndex(of: "?") else { return redacted(target) }
        let query = target[mark...].dropFirst().split(separator: "&", omittingEmptySubsequences: false)
        let safe = query.map { part -> String in
            guard let pair = Self.pairs(in: part).first, SecretNames.isSecret(parameter: pair.name),
                !pair.value.isEmpty, Self.percentDecoded(pair.value).utf8.count < Self.shortestSought
            else { return redacted(String(part)) }
            return "\(pair.name)=\(self.mark(pair.name.lowercased(), form: "short"))"
        }
        return redacted(String(target[..<mark])) + "?" + safe.joined(separator: "&")
    }

    /// What a field holds that is secret, without the scheme or the cookies' names before it.
    private static func secrets(in field: HeaderField) -> [(name: String, value: String)] {
        let name = field.name.lowercased()
        if name == "cookie" {
            return field.value.split(separator: ";").flatMap { pairs(in: $0.trimmed[...]) }
                .map { (name: "cookie-\($0.name)", value: $0.value) }
        }
        if name == "set-cookie" {
            return pairs(in: field.value.prefix { $0 != ";" }).map { (name: "cookie-\($0.name)", value: $0.value) }
        }
        let words = field.value.split(separator: " ", maxSplits: 1)
        let hasScheme = words.count == 2 && name.hasSuffix("authorization")
        var found = [(name: name, value: hasScheme ? String(words[1]) : field.value)]
        if hasScheme, words[0].lowercased() == "basic", let password = password(inBasic: String(words[1])) {
            found.append((name: name + "-password", value: password))
        }
        return found
    }

    private static func password(inBasic text: String) -> String? {
        guard let plain = Base64.decoded(text), let colon = plain.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return String(decoding: plain[(colon + 1)...], as: UTF8.self)
    }

    private static func pairs(in text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").compactMap { part in
            guard let equals = part.firstIndex(of: "=") else { return nil }
            return (name: String(part[..<equals]), value: String(part[equals...].dropFirst()))
        }
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func replacing(_ secret: String, in text: String, by mark: String) -> String {
        guard !secret.isEmpty else { return text }
        return text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: mark)
    }
}

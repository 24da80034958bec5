import Synchronization

/// Keeps secrets out of what is recorded and shown: learns them from requests and the environment, puts a mark in the place
/// of each, wherever it turns up and in whichever common encoding, and puts them back at replay.
///
/// A mark names where the secret was first seen, not what it is, so that a record can be replayed with another key. Values of
/// less than 8 bytes would be found everywhere, so they are marked in their own place only.
public final class SecretRedaction: Sendable {
    private struct State: Sendable {
        /// The secrets by the names of their marks.
        var values: [String: String] = [:]
        var names: [String: String] = [:]
        var redacting = BytePatterns()
        var restoring = BytePatterns()
    }

    /// The least number of bytes by which a secret is looked for outside its own place.
    static let shortestSought = 8
    private let tag: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - tag: part of every mark: something that texts do not hold by chance and that is stored with the record, as letters
    ///     and digits. Only marks with the same tag are put back.
    ///   - environment: variables whose names sound like secrets are learned.
    public init(tag: String, environment: [String: String] = [:]) {
        self.tag = String(tag.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            if SecretNames.isSecret(variable: name, value: value) { learn(value, name: name) }
            if let password = Self.password(in: value) { learn(password, name: name + "-password") }
        }
    }

    /// Learns a secret.
    ///
    /// - Parameter name: where it was seen; another value of the same name gets a number.
    public func learn(_ value: String, name: String) {
        let value = value.trimmed
        guard value.utf8.count >= Self.shortestSought, !SecretNames.wordsOfFormats.contains(value.lowercased()) else {
            return
        }
        state.withLock { state in
            guard state.names[value] == nil else { return }
            let plain = String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
            var name = plain
            var count = 1
            while state.values[name] != nil {
                count += 1
                name = "\(plain)-\(count)"
            }
            state.values[name] = value
            state.names[value] = name
            rebuild(&state)
        }
    }

    /// The text with every known secret marked.
    public func redacted(_ text: [UInt8]) -> [UInt8] { state.withLock { $0.redacting }.replaced(in: text) }

    /// The text with every known secret marked.
    public func redacted(_ text: String) -> String { String(decoding: redacted(Array(text.utf8)), as: UTF8.self) }

    /// The text with the secret put back in place of every mark whose secret is known here. Other marks stay.
    public func restored(_ text: [UInt8]) -> [UInt8] { state.withLock { $0.restoring }.replaced(in: text) }

    /// The text with the secret put back in place of every mark whose secret is known here. Other marks stay.
    public func restored(_ text: String) -> String { String(decoding: restored(Array(text.utf8)), as: UTF8.self) }

    /// Redacts what comes in pieces, such as the output of a program.
    public func stream() -> SecretStream { SecretStream(self) }

    var redacting: BytePatterns { state.withLock { $0.redacting } }

    /// How many secrets are known. What was redacted when fewer were is to be redacted again.
    public var knownCount: Int { state.withLock { $0.values.count } }

    /// The mark of a secret: plain characters only, which no encoding of a text changes.
    func mark(_ name: String, form: String) -> String { "REDACTED.\(tag).\(name).\(form)." }

    private func rebuild(_ state: inout State) {
        let pairs = state.values.sorted { $0.key < $1.key }.flatMap { name, value in
            SecretForms.all(of: value).map { (secret: $0.bytes, mark: Array(mark(name, form: $0.name).utf8)) }
        }.filter { $0.secret.count >= Self.shortestSought }
        state.redacting = BytePatterns(pairs.map { (bytes: $0.secret, replacement: $0.mark) })
        state.restoring = BytePatterns(pairs.map { (bytes: $0.mark, replacement: $0.secret) })
    }

    /// The password in an address such as `postgres://user:password@host`.
    private static func password(in address: String) -> String? {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority.firstIndex(of: ":"), colon < at else {
            return nil
        }
        return String(authority[authority.index(after: colon)..<at])
    }
}

import Diagnostics

/// A text with places for earlier replies: `Review this: {draft}`. `{{` and `}}` stand for braces.
public struct PromptTemplate: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case text([UInt8])
        case name(String)
    }

    /// As it was written.
    public let source: String
    let pieces: [Piece]

    /// - Throws: `usage` where braces do not match.
    public init(_ source: String) throws(Diagnostic) {
        var scanner = PromptTemplateScanner(bytes: Array(source.utf8)[...])
        do throws(Diagnostic) {
            pieces = try scanner.pieces()
        } catch {
            throw error.located(field: "prompt")
        }
        self.source = source
    }

    /// The names in it, in order, each once.
    public var names: [String] {
        var names: [String] = []
        for case .name(let name) in pieces where !names.contains(name) { names.append(name) }
        return names
    }

    /// The text with the names replaced.
    public func text(_ value: (String) -> String) -> String {
        let bytes = pieces.flatMap { piece in
            switch piece {
            case .text(let bytes): bytes
            case .name(let name): Array(value(name).utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

private struct PromptTemplateScanner {
    var bytes: ArraySlice<UInt8>
    private var text: [UInt8] = []

    init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    mutating func pieces() throws(Diagnostic) -> [PromptTemplate.Piece] {
        var pieces: [PromptTemplate.Piece] = []
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                text.append(byte)
                continue
            }
            if bytes.first == byte {
                text.append(byte)
                bytes = bytes.dropFirst()
            } else {
                let name = try self.name(after: byte)
                if !text.isEmpty { pieces.append(.text(text)) }
                text = []
                pieces.append(.name(name))
            }
        }
        return text.isEmpty ? pieces : pieces + [.text(text)]
    }

    private mutating func name(after brace: UInt8) throws(Diagnostic) -> String {
        let name = bytes.prefix { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "\n") }
        bytes = bytes[name.endIndex...]
        guard brace == UInt8(ascii: "{"), bytes.popFirst() == UInt8(ascii: "}"), !name.isEmpty else {
            throw Diagnostic(
                .usage, "a brace in this prompt belongs to no name",
                remedy: "Write {name} for an earlier step's reply, and {{ or }} for a brace")
        }
        return String(decoding: name, as: UTF8.self)
    }
}

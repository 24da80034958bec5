/// HTML or SVG as it is written, element by element; every text and attribute is escaped.
struct Markup {
    private(set) var text = ""

    typealias Attributes = [(String, String)]

    /// An element with children.
    mutating func element(_ name: String, _ attributes: Attributes = [], _ children: (inout Markup) -> Void) {
        text += "<\(name)\(Self.written(attributes))>"
        children(&self)
        text += "</\(name)>"
    }

    /// An element that holds text alone.
    mutating func element(_ name: String, _ attributes: Attributes = [], text content: String) {
        element(name, attributes) { $0.write(content) }
    }

    /// An SVG element without children.
    mutating func leaf(_ name: String, _ attributes: Attributes) { text += "<\(name)\(Self.written(attributes))/>" }

    /// An HTML element that never has an end tag.
    mutating func void(_ name: String, _ attributes: Attributes) { text += "<\(name)\(Self.written(attributes))>" }

    /// Text, escaped.
    mutating func write(_ content: String) { text += Self.escaped(content) }

    /// Markup that was written elsewhere, or a line feed.
    mutating func raw(_ markup: String) { text += markup }

    mutating func lineFeed() { text += "\n" }

    private static func written(_ attributes: Attributes) -> String {
        attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    }

    /// Text in which nothing can be read as markup, in HTML and XML alike. What XML cannot hold (control characters,
    /// U+FFFE, U+FFFF) becomes U+FFFD.
    static func escaped(_ content: String) -> String {
        var output = ""
        output.reserveCapacity(content.utf8.count)
        for scalar in content.unicodeScalars { output += escaped(scalar) }
        return output
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        case "'": "&#39;"
        case "\t", "\n": String(scalar)
        case "\r": "\n"
        case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": "\u{FFFD}"
        default: String(scalar)
        }
    }
}

/// Words in lower case joined by hyphens, for names of files and anchors.
struct Slug {
    let text: String

    /// - Parameter fallback: what stands where nothing is left of the words.
    init(_ words: String, fallback: String = "untitled") {
        let pieces = words.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let joined = pieces.joined(separator: "-").prefix(60)
        text = joined.isEmpty ? fallback : String(joined)
    }
}

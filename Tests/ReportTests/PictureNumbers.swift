import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What a picture's file says: its view box, and every place in it.
final class PictureNumbers: NSObject, XMLParserDelegate {
    private(set) var viewBox: [Double] = []
    /// (what, number) of horizontal and vertical places.
    private(set) var across: [(String, Double)] = []
    private(set) var up: [(String, Double)] = []
    private(set) var texts: [String] = []
    private(set) var isWellFormed = false

    init(_ svg: String) {
        super.init()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = self
        isWellFormed = parser.parse()
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if name == "svg", let box = attributes["viewBox"] { viewBox = numbers(box) }
        for (key, value) in attributes {
            switch key {
            case "x", "x1", "x2": across.append(("\(name) \(key)", Double(value) ?? .nan))
            case "y", "y1", "y2": up.append(("\(name) \(key)", Double(value) ?? .nan))
            case "d": readPath(value)
            default: break
            }
        }
        if name == "rect", let x = attributes["x"], let y = attributes["y"] {
            across.append(("rect right", (Double(x) ?? .nan) + (attributes["width"].flatMap(Double.init) ?? .nan)))
            up.append(("rect bottom", (Double(y) ?? .nan) + (attributes["height"].flatMap(Double.init) ?? .nan)))
        }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { texts.append(text) }

    /// Lines and arcs; an arc's radii and flags are no places.
    private func readPath(_ path: String) {
        var rest = Substring(path)
        while let command = rest.popFirst() {
            let end = rest.firstIndex { $0.isLetter } ?? rest.endIndex
            let values = numbers(String(rest[..<end])).suffix(command == "Z" ? 0 : 2)
            rest = rest[end...]
            guard values.count == 2, let x = values.first, let y = values.last else { continue }
            across.append(("path", x))
            up.append(("path", y))
        }
    }

    private func numbers(_ text: String) -> [Double] { text.split(separator: " ").map { Double($0) ?? .nan } }
}

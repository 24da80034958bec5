/// Long help, broken into lines by us: the parser's own breaking would lose the indentation.
enum HelpText {
    private static let width = 79

    /// The text with every line that is too long broken; what follows has the line's indentation.
    static func hanging(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap(broken).joined(separator: "\n")
    }

    private static func broken(_ line: Substring) -> [String] {
        let indentation = String(line.prefix { $0 == " " })
        guard line.count > width else { return [String(line)] }
        var lines: [String] = []
        var current = indentation
        for word in line.split(separator: " ") {
            if current.count + word.count + 1 > width {
                lines.append(current)
                current = indentation
            }
            current += (current.count > indentation.count ? " " : "") + word
        }
        return lines + [current]
    }
}

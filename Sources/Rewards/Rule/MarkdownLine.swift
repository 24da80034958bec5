/// One line of a text, as block structure sees it.
struct MarkdownLine {
    /// A mark that opens or closes a code block.
    struct Fence {
        var mark: UInt8
        var length: Int
    }

    /// The line without leading blanks and without the carriage return at its end.
    let content: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        let line = bytes.last == 0x0D ? bytes.dropLast() : bytes
        content = line.drop(while: isBlank)
    }

    var openedFence: Fence? {
        guard let mark = content.first, mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
        let length = content.prefix { $0 == mark }.count
        guard length >= 3, mark == UInt8(ascii: "~") || !content.dropFirst(length).contains(mark) else { return nil }
        return Fence(mark: mark, length: length)
    }

    func closes(_ fence: Fence) -> Bool {
        let length = content.prefix { $0 == fence.mark }.count
        return length >= fence.length && content.dropFirst(length).allSatisfy(isBlank)
    }

    var isHeader: Bool {
        let level = content.prefix { $0 == UInt8(ascii: "#") }.count
        return (1...6).contains(level) && isBlankThenText(content.dropFirst(level))
    }

    var isListItem: Bool {
        guard let first = content.first, !isRule else { return false }
        if first == UInt8(ascii: "-") || first == UInt8(ascii: "*") || first == UInt8(ascii: "+") {
            return isBlankThenText(content.dropFirst())
        }
        let digits = content.prefix { isDigit($0) }.count
        let rest = content.dropFirst(digits)
        guard (1...9).contains(digits), let mark = rest.first else { return false }
        return (mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")")) && isBlankThenText(rest.dropFirst())
    }

    /// Whether the line is drawn across the page.
    private var isRule: Bool {
        guard let mark = content.first,
            mark == UInt8(ascii: "-") || mark == UInt8(ascii: "*") || mark == UInt8(ascii: "_")
        else { return false }
        return content.allSatisfy { $0 == mark || isBlank($0) } && content.count { $0 == mark } >= 3
    }

    var hasPipe: Bool { content.contains(UInt8(ascii: "|")) }

    /// Whether the line parts a table's head from its body.
    var isTableDelimiter: Bool {
        guard hasPipe else { return false }
        var cells = content.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
        if cells.first?.allSatisfy(isBlank) == true { cells.removeFirst() }
        if cells.last?.allSatisfy(isBlank) == true { cells.removeLast() }
        return !cells.isEmpty && cells.allSatisfy(isDelimiterCell)
    }

    private func isDelimiterCell(_ cell: ArraySlice<UInt8>) -> Bool {
        var rest = cell.drop(while: isBlank)
        if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
        let dashes = rest.prefix { $0 == UInt8(ascii: "-") }.count
        rest = rest.dropFirst(dashes)
        if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
        return dashes > 0 && rest.allSatisfy(isBlank)
    }

    private func isBlankThenText(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.first.map(isBlank) == true && !rest.allSatisfy(isBlank)
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

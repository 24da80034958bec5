/// What is marked inside one line: code, links, bold.
struct MarkdownSpans {
    private(set) var inlineCode = 0
    private(set) var links = 0
    private(set) var bold = 0

    init(of line: ArraySlice<UInt8>) {
        guard line.contains(where: Self.isMark) else { return }
        let plain = withoutCode(Array(line))
        links = Self.links(in: plain)
        bold = Self.bold(in: plain, mark: UInt8(ascii: "*")) + Self.bold(in: plain, mark: UInt8(ascii: "_"))
    }

    private static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "`") || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "[")
    }

    /// The line with a letter in place of each code span, each run of backticks that opens none, and each escape;
    /// counts the code spans.
    private mutating func withoutCode(_ line: [UInt8]) -> [UInt8] {
        var runs = BacktickRuns(of: line)
        var plain: [UInt8] = []
        var index = 0
        while index < line.count {
            if line[index] == UInt8(ascii: "\\"), index + 1 < line.count, Self.isPunctuation(line[index + 1]) {
                plain.append(UInt8(ascii: "x"))
                index += 2
            } else if line[index] == UInt8(ascii: "`") {
                let length = line[index...].prefix { $0 == UInt8(ascii: "`") }.count
                let close = runs.next(ofLength: length, from: index + length)
                if close != nil { inlineCode += 1 }
                plain.append(UInt8(ascii: "x"))
                index = (close ?? index) + length
            } else {
                plain.append(line[index])
                index += 1
            }
        }
        return plain
    }

    private static func links(in line: [UInt8]) -> Int {
        var count = 0
        var hasOpened = false
        var index = 0
        while index < line.count {
            defer { index += 1 }
            if line[index] == UInt8(ascii: "[") { hasOpened = true }
            guard line[index] == UInt8(ascii: "]") else { continue }
            if hasOpened, let end = endOfTarget(line, from: index + 1) {
                count += 1
                index = end
            }
            hasOpened = false
        }
        return count
    }

    /// The index of the parenthesis that closes a link's target.
    private static func endOfTarget(_ line: [UInt8], from index: Int) -> Int? {
        guard index + 1 < line.count, line[index] == UInt8(ascii: "("), !isBlank(line[index + 1]) else { return nil }
        let start = index + 1
        let end = line[start...].firstIndex { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: ")") }
        guard let end, end > start, line[end] == UInt8(ascii: ")") else { return nil }
        return end
    }

    private static func bold(in line: [UInt8], mark: UInt8) -> Int {
        var count = 0
        var index = 0
        while let start = pair(of: mark, in: line, from: index) {
            index = start + 1
            guard opensBold(line, at: start), let end = line[(start + 2)...].firstIndex(of: mark) else { continue }
            index = end
            guard closesBold(line, at: end) else { continue }
            count += 1
            index = end + 2
        }
        return count
    }

    private static func pair(of mark: UInt8, in line: [UInt8], from index: Int) -> Int? {
        guard index + 1 < line.count else { return nil }
        return (index..<line.count - 1).first { line[$0] == mark && line[$0 + 1] == mark }
    }

    private static func opensBold(_ line: [UInt8], at start: Int) -> Bool {
        guard start + 2 < line.count, line[start + 2] != line[start], !isBlank(line[start + 2]) else { return false }
        return line[start] == UInt8(ascii: "*") || start == 0 || !isWord(line[start - 1])
    }

    private static func closesBold(_ line: [UInt8], at end: Int) -> Bool {
        guard end + 1 < line.count, line[end + 1] == line[end], !isBlank(line[end - 1]) else { return false }
        return line[end] == UInt8(ascii: "*") || end + 2 == line.count || !isWord(line[end + 2])
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// A letter or digit; beyond ASCII every character counts as one.
    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte != UInt8(ascii: "_") && byte > 0x20 && byte != 0x7F && !isPunctuation(byte)
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}

/// Where a line has runs of backticks of each length, so that a span's end is found without searching the line again.
private struct BacktickRuns {
    /// Starts of the runs of a length, the nearest last.
    private var starts: [Int: [Int]] = [:]

    init(of line: [UInt8]) {
        var end = line.count
        while let last = line[..<end].lastIndex(of: UInt8(ascii: "`")) {
            let start = line[..<last].lastIndex { $0 != UInt8(ascii: "`") }.map { $0 + 1 } ?? 0
            starts[last - start + 1, default: []].append(start)
            end = start
        }
    }

    /// The start of the next run of a length at or after an index; indices must not decrease from call to call.
    mutating func next(ofLength length: Int, from index: Int) -> Int? {
        while let start = starts[length]?.last, start < index { starts[length]?.removeLast() }
        return starts[length]?.last
    }
}

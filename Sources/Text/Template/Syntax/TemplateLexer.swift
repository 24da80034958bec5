import Diagnostics

/// Splits a template into tokens as jinja2's lexer does with `trim_blocks` and `lstrip_blocks`.
///
/// This file reads what stands between tags and decides about white space; `+Expressions` reads what stands in them.
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var position = 0
    var line = 1
    var tokens: [TemplateToken] = []
    /// The brackets that are open within a tag, as the ones that close them.
    var openBrackets: [Unicode.Scalar] = []

    init(_ text: String) { source = Self.normalized(text) }

    /// Line ends become `\n`, and a single one at the end is dropped.
    private static func normalized(_ text: String) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                output.append("\n")
            } else if scalar != "\n" || previous != "\r" {
                output.append(scalar)
            }
            previous = scalar
        }
        if output.last == "\n" { output.removeLast() }
        return output
    }

    /// The tokens of a template, the last one `.end`.
    static func tokens(of text: String) throws(Diagnostic) -> [TemplateToken] {
        var lexer = TemplateLexer(text)
        while lexer.position < lexer.source.count { try lexer.readToTag() }
        lexer.emit(.end)
        return lexer.tokens
    }

    /// Reads the text up to the next tag, and the tag.
    private mutating func readToTag() throws(Diagnostic) {
        let start = position
        guard let (tag, kind) = nextTag(from: start) else {
            emit(text: start..<source.count)
            return advance(to: source.count)
        }
        let isLineStart = start == 0 || source[start - 1] == "\n"
        let sign = tag + 2 < source.count ? source[tag + 2] : " "
        let end = stripped(start..<tag, sign: sign, isVariable: kind == .variable, isLineStart: isLineStart)
        emit(text: start..<end)
        advance(to: tag + (sign == "-" || sign == "+" ? 3 : 2))
        try read(kind, at: tag)
    }

    private enum Tag {
        case block, variable, comment
    }

    private func nextTag(from start: Int) -> (position: Int, kind: Tag)? {
        for index in start..<max(start, source.count - 1) where source[index] == "{" {
            switch source[index + 1] {
            case "%": return (index, .block)
            case "{": return (index, .variable)
            case "#": return (index, .comment)
            default: continue
            }
        }
        return nil
    }

    /// Where text before a tag ends once the white space that the tag eats is gone.
    private func stripped(_ text: Range<Int>, sign: Unicode.Scalar, isVariable: Bool, isLineStart: Bool) -> Int {
        if sign == "-" { return source[text].lastIndex { !$0.isPythonSpace }.map { $0 + 1 } ?? text.lowerBound }
        guard sign != "+", !isVariable else { return text.upperBound }
        let lineStart = source[text].lastIndex(of: "\n").map { $0 + 1 } ?? text.lowerBound
        guard lineStart > text.lowerBound || isLineStart else { return text.upperBound }
        return source[lineStart..<text.upperBound].allSatisfy(\.isPythonSpace) ? lineStart : text.upperBound
    }

    private mutating func read(_ kind: Tag, at tag: Int) throws(Diagnostic) {
        switch kind {
        case .comment: try skipComment()
        case .variable: try readVariable()
        case .block:
            if let end = rawStart() { try readRaw(from: end) } else { try readBlock() }
        }
    }

    private mutating func skipComment() throws(Diagnostic) {
        let line = line
        for index in position..<max(position, source.count - 1) where source[index] == "#" && source[index + 1] == "}" {
            // The sign may itself be the one that opened the comment only where it stands after it.
            let sign = index > position ? source[index - 1] : " "
            return advance(to: end(after: index + 2, sign: sign, trimsNewline: true))
        }
        // A comment that is opened by the last characters is let pass, as in jinja2.
        guard position == source.count else { throw .template("a comment lacks its '#}'", line: line) }
    }

    /// Where a tag ends whose closing bracket ends at `index`: with `-` it eats the white space after it, without a
    /// sign one line end.
    func end(after index: Int, sign: Unicode.Scalar, trimsNewline: Bool) -> Int {
        if sign == "-" { return source[index...].firstIndex { !$0.isPythonSpace } ?? source.count }
        return trimsNewline && sign != "+" && index < source.count && source[index] == "\n" ? index + 1 : index
    }

    /// Where the content of a raw block begins, if the block tag at hand opens one.
    private func rawStart() -> Int? {
        guard let word = word("raw", at: position) else { return nil }
        if matches("-%}", at: word) { return end(after: word + 3, sign: "-", trimsNewline: false) }
        return matches("%}", at: word) ? word + 2 : nil
    }

    /// The position after a word and the white space around it, if it stands at `index`.
    private func word(_ word: String, at index: Int) -> Int? {
        let start = skipSpace(from: index)
        guard matches(word, at: start) else { return nil }
        return skipSpace(from: start + word.unicodeScalars.count)
    }

    func skipSpace(from index: Int) -> Int {
        source[min(index, source.count)...].firstIndex { !$0.isPythonSpace } ?? source.count
    }

    func matches(_ text: String, at index: Int) -> Bool {
        index <= source.count && source[index...].starts(with: text.unicodeScalars)
    }

    private mutating func readRaw(from start: Int) throws(Diagnostic) {
        let line = line
        advance(to: start)
        for index in start..<max(start, source.count - 1) where source[index] == "{" && source[index + 1] == "%" {
            let sign = index + 2 < source.count ? source[index + 2] : " "
            let isSigned = sign == "-" || sign == "+"
            guard let word = word("endraw", at: index + (isSigned ? 3 : 2)), let end = blockEnd(at: word) else {
                continue
            }
            let isLineStart = start == 0 || source[start - 1] == "\n"
            let textEnd = stripped(start..<index, sign: sign, isVariable: false, isLineStart: isLineStart)
            emit(text: start..<textEnd)
            return advance(to: end)
        }
        guard start == source.count else { throw .template("a raw block lacks its 'endraw'", line: line) }
    }

    /// Where a block tag ends, if its closing bracket stands at `index`.
    func blockEnd(at index: Int) -> Int? {
        if matches("%}", at: index) { return end(after: index + 2, sign: " ", trimsNewline: true) }
        guard index < source.count, source[index] == "-" || source[index] == "+", matches("%}", at: index + 1) else {
            return nil
        }
        return end(after: index + 3, sign: source[index], trimsNewline: true)
    }

    mutating func emit(_ kind: TemplateToken.Kind) { tokens.append(TemplateToken(kind: kind, line: line)) }

    private mutating func emit(text range: Range<Int>) {
        guard !range.isEmpty else { return }
        emit(.data(TemplateString(source[range]).text))
    }

    /// Moves on, counting the lines passed.
    mutating func advance(to end: Int) {
        for scalar in source[position..<end] where scalar == "\n" { line += 1 }
        position = end
    }
}

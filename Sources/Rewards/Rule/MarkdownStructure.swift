/// How often each structure of Markdown occurs in a text.
///
/// Lines end at a line feed (a carriage return before it is dropped); *blank* is a space or a tab. Any blanks may
/// stand before a line's first mark. In time linear in the text's length:
///
/// - **code blocks**: a line that begins with three or more `` ` `` (without another `` ` `` later in the line) or `~`
///   opens one; it ends after a line of at least as many of that mark and blanks only, or with the text. Nothing else
///   is counted inside.
/// - **headers**: one to six `#`, a blank, and a text.
/// - **tables**: a line of cells `-`, `:-`, `-:` or `:-:` (any number of `-`), separated by at least one `|`, which may also
///   stand at either end; the line before holds a `|`.
/// - **list items**: `-`, `*`, `+`, or one to nine digits and `.` or `)`; then a blank and a text. A line of three or
///   more of one of `-`, `*`, `_` and blanks only is a rule across the page, not an item.
/// - **inline code**: a run of `` ` `` up to the next run of the same length in the line.
/// - **links** (and images): `[text](target)`, the text without brackets, the target without parentheses and not
///   beginning with a blank.
/// - **bold**: `**text**`, the text without `*`, or `__text__`, the text without `_` and no letter or digit next to the
///   marks; the text neither begins nor ends with a blank.
///
/// Links and bold are looked for within one line, and count also where one is inside the other; not inside code. A
/// backslash takes its meaning from the punctuation after it.
public struct MarkdownStructure: Sendable, Hashable {
    public var codeBlocks = 0
    public var headers = 0
    public var tables = 0
    public var listItems = 0
    public var inlineCode = 0
    public var links = 0
    public var bold = 0

    /// All of them together.
    public var total: Int { codeBlocks + headers + tables + listItems + inlineCode + links + bold }

    public init() {}

    /// Counts the structures of a text.
    public init(of text: String) {
        self.init()
        var fence: MarkdownLine.Fence?
        var previous: MarkdownLine?
        for bytes in Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = MarkdownLine(bytes)
            if let open = fence {
                if line.closes(open) { fence = nil }
                previous = nil
            } else if let opened = line.openedFence {
                codeBlocks += 1
                fence = opened
                previous = nil
            } else {
                count(line, after: previous)
                previous = line
            }
        }
    }

    private mutating func count(_ line: MarkdownLine, after previous: MarkdownLine?) {
        if line.isTableDelimiter, previous?.hasPipe == true {
            tables += 1
            return
        }
        if line.isHeader { headers += 1 }
        if line.isListItem { listItems += 1 }
        let spans = MarkdownSpans(of: line.content)
        inlineCode += spans.inlineCode
        links += spans.links
        bold += spans.bold
    }
}

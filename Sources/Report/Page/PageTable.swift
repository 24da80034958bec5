import Experiment

/// A table as HTML: numbers to the right, under a caption, in a frame that scrolls sideways where it is too wide.
struct PageTable {
    private let table: FindingTable
    private let name: String
    private let width: Int

    init(_ table: FindingTable, name: String) {
        self.table = table
        self.name = name
        width = table.rows.map(\.count).reduce(table.columns.count, max)
    }

    func write(to page: inout Markup) {
        page.lineFeed()
        let frame = [
            ("class", "table"), ("tabindex", "0"), ("role", "region"), ("aria-labelledby", "table-\(name)"),
        ]
        page.element("div", frame) { page in
            page.element("table") { page in
                writeCaption(&page)
                page.element("thead") { writeHeader(&$0) }
                page.element("tbody") { page in
                    for row in table.rows { writeRow(&page, row) }
                }
            }
        }
    }

    private func writeCaption(_ page: inout Markup) {
        page.element("caption", [("id", "table-\(name)")]) { page in
            page.element("strong", text: table.title)
            page.write(" \(table.caption) ")
            page.element("span", [("class", "files")]) {
                $0.element("a", [("href", "tables/\(name).csv")], text: "CSV")
            }
        }
    }

    private func writeHeader(_ page: inout Markup) {
        page.element("tr") { page in
            for column in 0..<width {
                let title = table.columns.indices.contains(column) ? table.columns[column] : ""
                page.element("th", [("scope", "col")] + alignment(column), text: title)
            }
        }
    }

    private func writeRow(_ page: inout Markup, _ row: [FindingTable.Cell]) {
        page.lineFeed()
        page.element("tr") { page in
            for column in 0..<width {
                let cell = row.indices.contains(column) ? row[column] : .missing
                if column == 0, case .text(let text) = cell {
                    page.element("th", [("scope", "row")], text: text)
                } else {
                    page.element("td", alignment(column)) { write(cell, to: &$0) }
                }
            }
        }
    }

    private func write(_ cell: FindingTable.Cell, to page: inout Markup) {
        switch cell {
        case .text(let text): page.write(text)
        case .number(let value): page.write(Numeral.text(value))
        case .integer(let value): page.write(Numeral.text(value))
        case .estimate(let point, let lower, let upper):
            page.write(Numeral.text(point: point, lower: lower, upper: upper))
        case .missing:
            page.element("span", [("aria-label", "missing"), ("role", "img")], text: Numeral.missing)
        }
    }

    /// Columns without a word are set to the right.
    private func alignment(_ column: Int) -> Markup.Attributes {
        let cells = table.rows.compactMap { $0.indices.contains(column) ? $0[column] : nil }
        let hasText = cells.contains { if case .text = $0 { true } else { false } }
        return hasText || cells.isEmpty ? [] : [("class", "number")]
    }
}

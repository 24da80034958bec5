import Experiment

/// Comma-separated values (RFC 4180): lines end with CR LF; a cell with a comma, a quote or a line end is quoted.
///
/// Numbers have the fewest digits that read back as the same double; `inf` and `-inf` are infinite; what is missing is empty.
struct CSVText {
    private(set) var text = ""

    init(_ lines: [[String]]) {
        for line in lines { text += line.map(Self.quoted).joined(separator: ",") + "\r\n" }
    }

    static func number(_ value: Double?) -> String {
        guard let value, !value.isNaN else { return "" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return value.description
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension CSVText {
    /// A figure's points in order, then its vertical marks: `series,mark,x,y,lower,upper`, with names of places in `x_name` and
    /// `y_name` where an axis has them.
    init(_ figure: Figure) {
        let hasNames = (x: figure.x.categories != nil, y: figure.y.categories != nil)
        let names = (hasNames.x ? ["x_name"] : []) + (hasNames.y ? ["y_name"] : [])
        var lines = [["series", "mark", "x", "y", "lower", "upper"] + names]
        for series in figure.series {
            for point in series.points {
                let numbers = [point.x, point.y, point.lower, point.upper].map(Self.number)
                let places =
                    (hasNames.x ? [figure.x.name(at: point.x)] : []) + (hasNames.y ? [figure.y.name(at: point.y)] : [])
                lines.append([series.name, series.mark.rawValue] + numbers + places)
            }
        }
        for mark in figure.marks {
            lines.append([mark.name, "vertical", Self.number(mark.x), "", "", ""] + names.map { _ in "" })
        }
        self.init(lines)
    }

    /// A table; a column that holds estimates becomes three: its name, `… lower` and `… upper`.
    init(_ table: FindingTable) {
        let width = table.rows.map(\.count).reduce(table.columns.count, max)
        let isEstimated = (0..<width).map { column in
            table.rows.contains { $0.indices.contains(column) && $0[column].isEstimate }
        }
        let header = (0..<width).flatMap { column in
            let name = table.columns.indices.contains(column) ? table.columns[column] : ""
            return isEstimated[column] ? [name, "\(name) lower", "\(name) upper"] : [name]
        }
        let lines = table.rows.map { row in
            (0..<width).flatMap { column in
                Self.cells(row.indices.contains(column) ? row[column] : .missing, isEstimated[column])
            }
        }
        self.init([header] + lines)
    }

    private static func cells(_ cell: FindingTable.Cell, _ isEstimated: Bool) -> [String] {
        let interval = isEstimated ? ["", ""] : []
        switch cell {
        case .text(let text): return [text] + interval
        case .number(let value): return [number(value)] + interval
        case .integer(let value): return [String(value)] + interval
        case .estimate(let point, let lower, let upper): return [point, lower, upper].map(number)
        case .missing: return [""] + interval
        }
    }
}

extension FindingTable.Cell {
    var isEstimate: Bool { if case .estimate = self { true } else { false } }
}

extension Figure.Axis {
    /// The name of a place; empty where the axis has none there.
    func name(at place: Double) -> String {
        guard let categories, let index = Int(exactly: place), categories.indices.contains(index) else { return "" }
        return categories[index]
    }
}

/// The columns of a bench's table, each as wide as its widest cell anywhere in the table, so that they stand alike in every block.
struct BenchColumns {
    /// What a column holds, in the order of a line.
    enum Column: Int, CaseIterable {
        case point, interval, count, ties, truncated, difference, differenceInterval, probability

        /// Numbers are compared by their last digits, intervals by their brackets.
        fileprivate var isRight: Bool { self != .interval && self != .differenceInterval }
    }

    private static let gap = 2
    private let widths: [Int]

    /// - Parameter lines: the cells of every line; a line may end early.
    init(_ lines: [[String]]) {
        widths = Column.allCases.map { column in
            lines.map { column.rawValue < $0.count ? $0[column.rawValue].count : 0 }.max() ?? 0
        }
    }

    /// What a line takes at most, gaps included; a column without cells takes nothing.
    var width: Int { widths.reduce(0) { $0 + ($1 > 0 ? Self.gap + $1 : 0) } }

    /// A line's cells in their columns.
    func text(_ cells: [String]) -> String {
        zip(Column.allCases, cells).map { column, cell in
            let width = widths[column.rawValue]
            guard width > 0 else { return "" }
            let filler = String(repeating: " ", count: width - cell.count)
            return String(repeating: " ", count: Self.gap) + (column.isRight ? filler + cell : cell + filler)
        }.joined()
    }
}

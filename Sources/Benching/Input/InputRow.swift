import Diagnostics
import Experiment

/// One line of the input: a group to score, or the reason why it is none.
enum InputRow {
    case group(Group)
    /// A line that holds no row; `id` is the name that it has by its number.
    case unreadable(id: String, Diagnostic)

    var id: String {
        switch self {
        case .group(let group): group.id
        case .unreadable(let id, _): id
        }
    }
}

/// Reads the rows of an input one at a time, as many as are asked for.
final class RowStream {
    private let reader: RowReader
    private var remaining: Int
    private let keepsUnreadable: Bool

    /// - Parameters:
    ///   - limit: rows at most.
    ///   - keepsUnreadable: whether a line that is no row is handed on instead of thrown.
    init(path: String, limit: Int?, keepsUnreadable: Bool) throws(Diagnostic) {
        reader = try RowReader(path: path)
        remaining = limit ?? .max
        self.keepsUnreadable = keepsUnreadable
    }

    /// The next row; `nil` at the end.
    func next() throws(Diagnostic) -> InputRow? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        do throws(Diagnostic) {
            return try reader.next().map { .group($0.group) }
        } catch {
            guard keepsUnreadable, error.category == .badData, let line = error.location.line else { throw error }
            return .unreadable(id: "row-\(line)", error)
        }
    }

    /// The next rows, as many as there are of `count`.
    func next(_ count: Int) throws(Diagnostic) -> [InputRow] {
        var rows: [InputRow] = []
        while rows.count < count, let row = try next() { rows.append(row) }
        return rows
    }

    func skip(_ count: Int) throws(Diagnostic) {
        for _ in 0..<count { _ = try next() }
    }
}

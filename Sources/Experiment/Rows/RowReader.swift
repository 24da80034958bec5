import Diagnostics
import JSON

/// Reads the rows of a JSON-lines file one at a time, so that memory holds one row (and the ids seen) however long the
/// file is.
///
/// ```swift
/// let rows = try RowReader(path: "rows.jsonl")
/// while let row = try rows.next() { … }
/// ```
///
/// After an error in one row the next call goes on with the row that follows it.
public final class RowReader {
    private let lines: JSONLines
    /// The line on which each id was first seen.
    private var lineOfID: [String: Int] = [:]

    /// Opens a file, or standard input where the path is `-`.
    ///
    /// - Throws: `inputMissing` where there is no such file, it cannot be opened, or it is a folder.
    public init(path: String) throws(Diagnostic) { lines = try JSONLines(path: path) }

    /// The next row; `nil` at the end of the file.
    ///
    /// - Throws: `badData` with file, line and field where a line is no row (``Row/init(_:at:)``), where its id was seen
    ///   before, or where the file ends without having held any row.
    public func next() throws(Diagnostic) -> Row? {
        guard let (number, value) = try lines.next() else { return nil }
        let row = try Row(value, at: Group.SourceLine(file: lines.name, line: number))
        try register(row.group.id, line: number)
        return row
    }

    private func register(_ id: String, line: Int) throws(Diagnostic) {
        guard let earlier = lineOfID[id] else {
            lineOfID[id] = line
            return
        }
        throw Diagnostic(
            .badData, "the id '\(id)' was given on line \(earlier) already",
            at: .init(file: lines.name, line: line, field: "id"), remedy: "Give each row an id of its own, or none")
    }
}

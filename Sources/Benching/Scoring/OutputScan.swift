import Diagnostics
import JSON
import Ledger

/// What an earlier part of a run left in its output: the whole batches from the start on whose lines all belong to their
/// rows. What follows them (part of a line, part of a batch) is to be computed again.
struct OutputScan {
    private(set) var batches = 0
    private(set) var rows = 0
    /// The length of the whole batches.
    private(set) var bytes = 0
    private(set) var failures: [RowFailure] = []

    /// - Parameter keep: is given the rows of each whole batch, and says whether they are to be kept.
    init(
        of path: String, plan: BatchPlan, rows stream: RowStream,
        keep: (Range<Int>, [RowOutcome]) throws(Diagnostic) -> Bool
    ) throws(Diagnostic) {
        var lines = try OutputLines(path: path)
        for batch in plan.batches {
            let rows = try stream.next(batch.count)
            guard let outcomes = try lines.next(of: rows) else { return }
            guard try keep(batch, outcomes) else { return }
            batches += 1
            self.rows = batch.upperBound
            bytes = lines.offset
            failures += outcomes.compactMap(RowFailure.init)
        }
    }
}

/// A row that could not be scored.
public struct RowFailure: Sendable, Hashable {
    public var id: String
    public var message: String

    init?(_ outcome: RowOutcome) {
        guard let message = outcome.failureMessage else { return nil }
        id = outcome.id
        self.message = message
    }
}

/// Reads output lines and keeps count of the bytes they take.
private struct OutputLines {
    private let lines: JSONLines
    private let length: Int
    private(set) var offset = 0
    private var count = 0

    init(path: String) throws(Diagnostic) {
        lines = try JSONLines(path: path, maximumLineLength: 1 << 30, allowsEmpty: true)
        length = FilePath.size(path)
    }

    /// The outcomes of rows; `nil` where the next lines are not all of them.
    mutating func next(of rows: [InputRow]) throws(Diagnostic) -> [RowOutcome]? {
        var outcomes: [RowOutcome] = []
        for row in rows {
            guard let outcome = try nextOutcome(), outcome.belongs(to: row) else { return nil }
            outcomes.append(outcome)
        }
        return outcomes
    }

    private mutating func nextOutcome() throws(Diagnostic) -> RowOutcome? {
        guard let (number, bytes) = try lines.nextLine() else { return nil }
        count += 1
        // A blank line is none of ours, and the last line of all may lack its end.
        guard number == count, offset + bytes.count + 1 <= length else { return nil }
        offset += bytes.count + 1
        return RowOutcome(line: bytes)
    }
}

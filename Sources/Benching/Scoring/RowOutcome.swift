import Diagnostics
import Experiment
import JSON
import Ledger

/// What scoring one row came to.
enum RowOutcome: Sendable {
    case score(GroupScore)
    /// Why the row could not be scored, as its output line says it.
    case failure(id: String, message: String)

    init(failure: Diagnostic, of id: String) {
        // The line belongs beside its input, so it does not repeat the file's name.
        var located = failure
        located.location.file = nil
        self = .failure(id: id, message: located.description)
    }

    /// What the ledger holds of a row.
    init(_ record: ScoreRecord) {
        if let message = record.failure {
            self = .failure(id: record.rowID, message: message)
        } else {
            self = .score(
                GroupScore(id: record.rowID, scores: record.scores, tokens: record.tokens, truncated: record.truncated))
        }
    }

    var id: String {
        switch self {
        case .score(let score): score.id
        case .failure(let id, _): id
        }
    }

    var failureMessage: String? {
        if case .failure(_, let message) = self { message } else { nil }
    }

    /// The output line, with its line feed.
    var line: String {
        switch self {
        case .score(let score): score.line
        case .failure(let id, let message):
            JSONValue.object(["id": .string(id), "error": .string(message)]).text + "\n"
        }
    }

    /// The entry in the ledger.
    func record(reward: Int, row: Int) -> ScoreRecord {
        switch self {
        case .score(let score):
            ScoreRecord(
                reward: reward, row: row, rowID: score.id, scores: score.scores, tokens: score.tokens,
                truncated: score.truncated, perToken: score.perToken)
        case .failure(let id, let message):
            ScoreRecord(
                reward: reward, row: row, rowID: id, scores: [], tokens: [], truncated: [], failure: message)
        }
    }
}

extension RowOutcome {
    /// Reads an output line back; `nil` where it is none.
    init?(line: [UInt8]) {
        let options = JSONValue.ParsingOptions(allowsNonFiniteNumbers: true)
        guard let value = try? JSONValue(parsing: line, options: options), let id = value["id"]?.stringValue else {
            return nil
        }
        if let message = value["error"]?.stringValue {
            self = .failure(id: id, message: message)
        } else if let score = GroupScore(value, id: id) {
            self = .score(score)
        } else {
            return nil
        }
    }

    /// Whether this is of that row.
    func belongs(to row: InputRow) -> Bool {
        switch (self, row) {
        case (.failure(let id, _), _): id == row.id
        case (.score(let score), .group(let group)):
            score.id == group.id && score.scores.count == group.responses.count
        case (.score, .unreadable): false
        }
    }
}

extension GroupScore {
    fileprivate init?(_ value: JSONValue, id: String) {
        guard let scores = value["scores"]?.arrayValue?.map(\.doubleValue),
            let tokens = value["tokens"]?.arrayValue?.map(\.intValue),
            let truncated = value["truncated"]?.arrayValue?.map(\.boolValue),
            tokens.count == scores.count, truncated.count == scores.count
        else { return nil }
        let perToken = value["per_token"]?.arrayValue?.map { $0.arrayValue?.compactMap(\.doubleValue) ?? [] }
        guard perToken.map({ $0.count == scores.count }) != false else { return nil }
        self.init(
            id: id, scores: scores.compactMap(\.self), tokens: tokens.compactMap(\.self),
            truncated: truncated.compactMap(\.self), perToken: perToken)
        guard self.scores.count == scores.count, self.tokens.count == scores.count,
            self.truncated.count == scores.count
        else { return nil }
    }
}

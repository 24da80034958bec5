import Diagnostics
import Experiment

/// What a file holds of one group.
struct Record: Sendable {
    /// Where the record stands.
    var location: Diagnostic.Location
    var id: String?
    /// The prompt, in formats that have it.
    var prompt: String?
    /// Counted from 0 within the file.
    var index: Int
    /// The responses' texts, in formats that have them, parallel to the scores.
    var responses: [String]?
    var scores: [Double]
    var tokens: [Int]?
    var truncated: [Bool]?
    var perToken: [[Double]]?

    /// How errors call the record.
    var name: String { id.map { "the record '\($0)'" } ?? "record \(index)" }

    func failure(_ message: String, remedy: String) -> Diagnostic {
        Diagnostic(.badData, message, at: location, remedy: remedy)
    }
}

extension Record {
    /// The scores of a group's responses.
    ///
    /// Where the record holds the responses' texts they decide which score is whose; otherwise their order does.
    ///
    /// - Throws: `badData` located at the record where it is of other responses.
    func score(of group: Group) throws(Diagnostic) -> GroupScore {
        guard scores.count == group.responses.count else {
            throw failure(
                "\(name) has \(scores.count) scores, but its row\(group.place) has \(group.responses.count) responses",
                remedy: "Score the same rows again, or name the file that belongs to them")
        }
        let order = try order(of: group)
        return GroupScore(
            id: group.id, scores: order.map { scores[$0] }, tokens: tokens.map { tokens in order.map { tokens[$0] } },
            truncated: truncated.map { truncated in order.map { truncated[$0] } },
            perToken: perToken.map { perToken in order.map { perToken[$0] } })
    }

    /// For each of the group's responses the position of its score.
    private func order(of group: Group) throws(Diagnostic) -> [Int] {
        guard let responses, responses != group.responses else { return Array(scores.indices) }
        var positions: [String: [Int]] = [:]
        for (position, text) in responses.enumerated().reversed() { positions[text, default: []].append(position) }
        let order = group.responses.compactMap { positions[$0]?.popLast() }
        guard order.count == scores.count else {
            throw failure(
                "\(name) is of other responses than its row\(group.place)",
                remedy: "Name the file that was scored from these rows")
        }
        return order
    }
}

extension Group {
    /// ` (file:line)`, where it is known.
    var place: String { source.map { " (\($0.file):\($0.line))" } ?? "" }
}

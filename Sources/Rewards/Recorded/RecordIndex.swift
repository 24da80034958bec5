import Diagnostics
import Experiment
import JSON
import Text

/// Finds the record of a group.
struct RecordIndex: Sendable {
    private let file: String
    private var byID: [String: Record] = [:]
    private var byPrompt: [String: [Record]] = [:]

    init(_ file: RecordedFile) throws(Diagnostic) {
        self.file = file.path
        for record in file.records { try insert(record) }
    }

    private mutating func insert(_ record: Record) throws(Diagnostic) {
        if let prompt = record.prompt { byPrompt[prompt, default: []].append(record) }
        guard let id = record.id, let earlier = byID.updateValue(record, forKey: id) else { return }
        throw record.failure(
            "the id '\(id)' was given at \(earlier.location) already", remedy: "Give each record an id of its own")
    }

    /// By id where a record has the group's; otherwise by the prompt's text and, where several records have the same
    /// prompt, by the record's position in the file, which the row names as `index`.
    ///
    /// - Throws: `badData` located at the group where there is no record of it, or more than one.
    func record(of group: Group) throws(Diagnostic) -> Record {
        if let record = byID[group.id] { return record }
        let records = group.promptText.flatMap { byPrompt[$0] } ?? []
        guard records.count > 1 else {
            if let record = records.first { return record }
            throw missing(group)
        }
        if let index = group.context["index"]?.intValue, let record = records.first(where: { $0.index == index }) {
            return record
        }
        throw failure(
            "\(records.count) records of \(file) have this row's prompt", at: group,
            remedy: "Give the row an 'index': the record's position in the file, counted from 0")
    }

    private func missing(_ group: Group) -> Diagnostic {
        failure(
            "\(file) has no scores of this row", at: group,
            remedy: byPrompt.isEmpty
                ? "Rows and records are matched by id; score this row too, or leave it out"
                : "Rows and records are matched by the prompt's text; score this row too, or leave it out")
    }

    private func failure(_ message: String, at group: Group, remedy: String) -> Diagnostic {
        Diagnostic(
            .badData, message,
            at: .init(file: group.source?.file, line: group.source?.line, field: "id '\(group.id)'"), remedy: remedy)
    }
}

extension Group {
    /// The prompt as one text: itself, or its only user message.
    fileprivate var promptText: String? {
        switch prompt {
        case .text(let text): return text
        case .messages(let messages):
            let users = messages.filter { $0.role == "user" }
            return users.count == 1 ? users[0].content : nil
        }
    }
}

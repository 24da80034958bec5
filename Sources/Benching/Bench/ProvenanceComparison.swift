import JSON

/// What sets a bench's results apart though they stand in one table.
struct ProvenanceComparison {
    let warnings: [String]

    /// The parts of a reward's provenance that two comparable results share, and what a table calls them.
    private static let shared = [
        ("dtype", "dtype"), ("maximum_length", "maximum length"), ("truncation", "truncation"),
        ("template", "chat template"),
    ]

    init(_ contenders: [Contender], _ entries: [BenchReport.Entry]) {
        var warnings: [String] = []
        for index in contenders.indices.dropFirst() where !contenders[index].isControl {
            warnings += Self.differences(contenders[0], contenders[index])
            warnings += Self.truncation(entries[0], entries[index])
        }
        self.warnings = warnings
    }

    private static func differences(_ first: Contender, _ other: Contender) -> [String] {
        if first.isRecorded != other.isRecorded {
            let recorded = first.isRecorded ? first : other
            return ["\(recorded.key) was scored elsewhere: template, maximum length and dtype are not known here"]
        }
        return shared.compactMap { key, name in
            let was = first.provenance.provenanceValues(of: key)
            let present = other.provenance.provenanceValues(of: key)
            guard !was.isEmpty, !present.isEmpty, Set(was.map(\.text)) != Set(present.map(\.text)) else { return nil }
            return "\(first.key) and \(other.key) differ in \(name): \(text(was)), \(text(present))"
        }
    }

    private static func truncation(_ first: BenchReport.Entry, _ other: BenchReport.Entry) -> [String] {
        guard first.truncatedRows != other.truncatedRows else { return [] }
        return [
            "\(first.key) was truncated on \(first.truncatedRows) rows, \(other.key) on \(other.truncatedRows)"
        ]
    }

    /// The values of an ensemble's members in a line.
    private static func text(_ values: [JSONValue]) -> String { values.map(text).joined(separator: " with ") }

    /// A value in a line: long ones (a template's text) by their beginning.
    private static func text(_ value: JSONValue) -> String {
        let text = (value.stringValue ?? value.text).split(separator: "\n").joined(separator: " ")
        return text.count > 40 ? "\(text.prefix(39))…" : text
    }
}

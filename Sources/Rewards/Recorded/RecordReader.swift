import Diagnostics
import Experiment
import JSON

/// Reads records, of whichever format, and counts what their scores were made of.
struct RecordReader {
    let file: String
    let steps: StepReduction?
    private(set) var listCount = 0
    /// How many JudgeBench records have votes for scores.
    var votedCount = 0

    /// `NaN` is read, so that its error can say which score it is.
    private static let options = JSONValue.ParsingOptions(allowsNonFiniteNumbers: true)

    init(file: String, steps: StepReduction?) {
        self.file = file
        self.steps = steps
    }

    mutating func readLines(_ format: RecordedFile.Format) throws(Diagnostic) -> [Record] {
        let lines = try JSONLines(path: file, options: Self.options)
        var records: [Record] = []
        while let (number, value) = try lines.next() {
            let fields = RecordFields(value: value, location: .init(file: file, line: number), index: records.count)
            records.append(format == .judgebench ? try judgeBenchRecord(fields) : try rowRecord(fields))
        }
        return records
    }

    mutating func readArray() throws(Diagnostic) -> [Record] {
        guard let elements = try JSONValue(readingFile: file, options: Self.options).arrayValue else {
            throw Diagnostic(
                .badData, "a rewardmath file should be one JSON array", at: .init(file: file),
                remedy: "Name the file that the benchmark's own program wrote")
        }
        var records: [Record] = []
        for (index, value) in elements.enumerated() {
            let fields = RecordFields(value: value, location: .init(file: file, field: "[\(index)]"), index: index)
            records.append(try rewardMathRecord(fields))
        }
        return records
    }

    /// A score, or a list of steps' scores.
    mutating func score(_ value: JSONValue, _ fields: RecordFields, at place: String) throws(Diagnostic) -> Double {
        guard let list = value.arrayValue else { return try fields.number(value, at: place) }
        var numbers: [Double] = []
        for (index, step) in list.enumerated() {
            numbers.append(try fields.number(step, at: "\(place)[\(index)]"))
        }
        guard numbers.count != 1 else { return numbers[0] }
        guard !numbers.isEmpty else {
            throw fields.failure("the list of steps' scores is empty", at: place, remedy: "Leave the record out")
        }
        listCount += 1
        guard let steps else {
            throw fields.failure(
                "the score is a list of \(numbers.count) steps' scores", at: place,
                remedy: "Say how it becomes one: steps=\(StepReduction.allCases.map(\.rawValue).joined(separator: "|"))"
            )
        }
        return steps(numbers)
    }

    mutating func scores(_ values: [JSONValue], _ fields: RecordFields, at place: String) throws(Diagnostic) -> [Double]
    {
        guard !values.isEmpty else {
            throw fields.failure("there are no scores", at: place, remedy: "Leave the record out")
        }
        var scores: [Double] = []
        for (index, value) in values.enumerated() {
            scores.append(try score(value, fields, at: "\(place)[\(index)]"))
        }
        return scores
    }
}

import Diagnostics
import Experiment
import JSON

/// RewardMATH: result files (`problem`, `solution_reference[10]`, `score[10]`, the correct solution first), or the benchmark
/// itself, one row a solution (`problem_id`, `problem`, `eval_solution`, `solution_type`).
enum RewardMATHFormat {
    static let format =
        "A row of rewardmath has problem, solution_reference and score (ten each), or problem_id, problem, eval_solution and solution_type"

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.rewardMATH, options)
        let files = try FileTree.dataFiles(at: path)
        guard files.count == 1 else {
            throw Diagnostic(
                .inputMissing, "the folder holds \(files.count) files, but one file is one model's results",
                at: .init(file: path), remedy: "Name one of them, such as \(files[0].path)")
        }
        let steps = options.steps ?? sourceSteps(files[0].name)
        var problems: [RewardMATHProblem] = []
        var reducesSteps = false
        let rows = try SuiteRecordReader(files[0], format: format)
        while let row = try rows.next() {
            if row.optional("eval_solution") != nil {
                try append(row, to: &problems)
            } else {
                reducesSteps = try addScored(row, steps, to: &builder) || reducesSteps
            }
        }
        for (index, problem) in problems.enumerated() { try problem.add(to: &builder, index: index) }
        if reducesSteps { builder.notes = ["a solution's score is the \(steps.rawValue) of its step scores"] }
        return try builder.finish(path: path) { $0.accuracies(.pick) }
    }

    /// The source takes the minimum of ReasonEval's step scores, and the product of the others'.
    private static func sourceSteps(_ name: String) -> StepReduction {
        name.lowercased().contains("reasoneval") ? .minimum : .product
    }

    /// - Returns: whether step scores had to be reduced.
    private static func addScored(
        _ row: SuiteRecord, _ steps: StepReduction, to builder: inout SuiteBuilder
    ) throws(Diagnostic) -> Bool {
        let problem = try row.string("problem")
        let names = try row.candidates("solution_reference")
        let entries = try row.array("score")
        guard entries.count == names.count, names.count > 1 else {
            throw row.failure(
                "there are \(entries.count) scores for \(names.count) solutions, each needs one and two are the least",
                field: "score")
        }
        var scores: [Double] = []
        for (index, entry) in entries.enumerated() {
            scores.append(try score(entry, steps, row, field: "score[\(index)]"))
        }
        builder.hasResponses = false
        // Some published results hold a problem twice; the source counts both.
        let id = builder.item(withId: problem) == nil ? problem : "\(problem)@\(row.line)"
        let group = Group(
            id: id, prompt: .text(problem), responses: names.map(\.text), source: row.source,
            context: ["index": .integer(row.index)])
        try builder.add(
            SuiteItem(group: group, subset: "RewardMATH", cluster: problem, correctCount: 1, recorded: scores),
            from: row)
        return entries.contains { $0.arrayValue != nil }
    }

    private static func score(
        _ entry: JSONValue, _ steps: StepReduction, _ row: SuiteRecord, field: String
    ) throws(Diagnostic) -> Double {
        guard let elements = entry.arrayValue else { return try row.score(entry, field: field) }
        guard !elements.isEmpty else { throw row.failure("the solution has no step scores", field: field) }
        var values: [Double] = []
        for (index, element) in elements.enumerated() {
            values.append(try row.score(element, field: "\(field)[\(index)]"))
        }
        return steps(values)
    }

    private static func append(_ row: SuiteRecord, to problems: inout [RewardMATHProblem]) throws(Diagnostic) {
        let id = try row.identifier("problem_id")
        let type = try row.string("solution_type")
        guard type == "chosen" || type == "rejected" else {
            throw row.failure("solution_type should be chosen or rejected, this is '\(type)'", field: "solution_type")
        }
        // The source joins a solution's steps by line breaks for models that score whole responses.
        let text = try row.candidates("eval_solution").map(\.text).joined(separator: "\n")
        if problems.last?.id != id {
            problems.append(RewardMATHProblem(id: id, problem: try row.string("problem"), row: row))
        }
        problems[problems.count - 1].append(
            Candidate(text: text, field: "eval_solution"), isCorrect: type == "chosen")
    }
}

/// The solutions of one problem of the benchmark.
private struct RewardMATHProblem {
    var id: String
    var problem: String
    /// The row of its first solution.
    var row: SuiteRecord
    private var correct: [Candidate] = []
    private var incorrect: [Candidate] = []

    init(id: String, problem: String, row: SuiteRecord) {
        self.id = id
        self.problem = problem
        self.row = row
    }

    mutating func append(_ candidate: Candidate, isCorrect: Bool) {
        if isCorrect { correct.append(candidate) } else { incorrect.append(candidate) }
    }

    /// - Parameter index: the problem's place in the file, by which result files know it too.
    func add(to builder: inout SuiteBuilder, index: Int) throws(Diagnostic) {
        guard correct.count == 1, !incorrect.isEmpty else {
            throw row.failure(
                "problem \(id) has \(correct.count) chosen and \(incorrect.count) rejected solutions, one and several are needed",
                field: "solution_type", remedy: "Keep all solutions of a problem together in the file")
        }
        let candidates = correct + incorrect
        guard try builder.accepts(row, candidates) else { return }
        let group = Group(
            id: id, prompt: .text(problem), responses: candidates.map(\.text), source: row.source,
            context: ["index": .integer(index)])
        try builder.add(
            SuiteItem(group: group, subset: "RewardMATH", cluster: problem, correctCount: 1), from: row)
    }
}

import Diagnostics
import Experiment
import JSON
import Synchronization

/// `judge:URL?model=…&prompt=FILE` — a served model as judge. `mode=grade`: a number for each response. `mode=pairwise`: every
/// pair of a group in both orders; a response's score is the share of its comparisons that it won, ties counting half.
///
/// An answer without a verdict is counted and never guessed at. A pair counts where both of its orders could be read, since one
/// order alone would bring the judge's preference for a place back in.
final class JudgeReward: ReportingReward {
    enum Mode: String, CaseIterable { case grade, pairwise }

    let spec: String
    private let mode: Mode
    private let question: JudgeQuestion
    private let range: ClosedRange<Double>
    private let caller: JudgeCaller
    /// By group, so that a group that is scored again is not counted twice.
    private let tallies = Mutex<[String: JudgeTally]>([:])

    /// - Throws: `usage` where a key or value is wrong; what reading the question throws.
    init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        mode = try parameters.choice("mode", default: Mode.grade)
        question = try JudgeQuestion(file: parameters.text("prompt"), for: mode)
        range = try Self.range(&parameters)
        caller = try JudgeCaller(spec.source, &parameters)
        try parameters.finish()
        if mode == .pairwise, spec["range"] != nil {
            throw parameters.failure(
                "choices between two have no range", at: "range", remedy: "Leave range out, or give mode=grade")
        }
        self.spec = spec.description
    }

    private static func range(_ parameters: inout ParameterReader) throws(Diagnostic) -> ClosedRange<Double> {
        guard let text = parameters.text("range") else { return 1...10 }
        let ends = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { Double($0) }
        guard ends.count == 2, ends.allSatisfy(\.isFinite), ends[0] < ends[1] else {
            throw parameters.failure(
                "'\(text.prefix(40))' is no range", at: "range", remedy: "Write, for example, range=1:10")
        }
        return ends[0]...ends[1]
    }

    var provenance: JSONValue {
        var members: JSONObject = ["kind": "judge", "mode": .string(mode.rawValue), "question": .string(question.text)]
        if mode == .grade { members["range"] = [.number(range.lowerBound), .number(range.upperBound)] }
        for (key, value) in caller.provenance { members[key] = value }
        return .object(members)
    }

    private var tally: JudgeTally { tallies.withLock { $0.values.reduce(JudgeTally(), +) } }
    var report: JSONValue { tally.json }
    var remarks: [String] { tally.sentences }

    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        if mode == .pairwise, group.responses.count < 2 {
            throw Diagnostic(
                .badData, "a judge of pairs needs two responses", at: .init(field: "responses"),
                remedy: "Give more responses to the prompt, or use mode=grade"
            ).located(at: group)
        }
        return GroupPlan(
            tokensComputed: 0, tokens: group.responses.map { _ in 0 }, truncated: group.responses.map { _ in false })
    }

    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var scores: [GroupScore] = []
        for group in groups {
            // The questions of a group are in flight together.
            do throws(Diagnostic) {
                scores.append(try await mode == .grade ? grade(group) : compare(group))
            } catch {
                throw error.located(at: group)
            }
        }
        return scores
    }

    private func grade(_ group: Group) async throws(Diagnostic) -> GroupScore {
        let questions = group.responses.map { response in
            question.text.fillingPlaces([
                "prompt": group.prompt.transcript, "response": response, "low": Self.text(range.lowerBound),
                "high": Self.text(range.upperBound),
            ])
        }
        let answers = try await caller.ask(questions)
        let grades = answers.map { $0.map { JudgeVerdict.grade($0, in: range) } }
        var tally = JudgeTally()
        for grade in grades.joined() { tally.count(isReadable: grade != nil) }
        tallies.withLock { $0[group.id] = tally }
        var scores: [Double] = []
        for (index, own) in grades.enumerated() {
            let read = own.compactMap(\.self)
            guard !read.isEmpty else { throw Self.unreadable(answers[index].first ?? "", index) }
            scores.append(read.reduce(0, +) / Double(read.count))
        }
        return GroupScore(id: group.id, scores: scores)
    }

    /// Grades in a question are written as a person would write them.
    private static func text(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? String(value) }

    private func compare(_ group: Group) async throws(Diagnostic) -> GroupScore {
        _ = try await plan(group)
        let places = group.responses.indices
        let pairs = places.flatMap { left in places.filter { $0 > left }.map { (left, $0) } }
        let questions = pairs.flatMap { left, right in [(left, right), (right, left)] }.map { first, second in
            question.text.fillingPlaces([
                "prompt": group.prompt.transcript, "response_a": group.responses[first],
                "response_b": group.responses[second],
            ])
        }
        let answers = try await caller.ask(questions)
        var standing = JudgeStanding(count: group.responses.count)
        for (index, (left, right)) in pairs.enumerated() {
            standing.count(left, right, answers[2 * index], answers[2 * index + 1])
        }
        tallies.withLock { $0[group.id] = standing.tally }
        if let missing = standing.comparisons.firstIndex(of: 0) {
            throw Self.unreadable(answers.joined().first { JudgeVerdict.choice($0) == nil } ?? "", missing)
        }
        return GroupScore(id: group.id, scores: standing.scores)
    }

    private static func unreadable(_ answer: String, _ response: Int) -> Diagnostic {
        Diagnostic(
            .badData, "the judge's answers hold no verdict: '\(answer.suffix(120))'",
            at: .init(field: "response \(response + 1)"),
            remedy: "Ask for [[…]] in the question, give more samples, or leave such rows out with --skip-bad-rows")
    }
}

/// Comparisons won and had, a response.
struct JudgeStanding: Sendable {
    private var won: [Double]
    private(set) var comparisons: [Int]
    private(set) var tally = JudgeTally()

    init(count: Int) {
        won = Array(repeating: 0, count: count)
        comparisons = Array(repeating: 0, count: count)
    }

    /// Counts a pair by the judge's answers with `left` shown first, and with `right` shown first.
    mutating func count(_ left: Int, _ right: Int, _ forward: [String], _ backward: [String]) {
        for (one, other) in zip(forward, backward) {
            let choices = (JudgeVerdict.choice(one), JudgeVerdict.choice(other))
            tally.count(isReadable: choices.0 != nil)
            tally.count(isReadable: choices.1 != nil)
            tally.pairs += 1
            guard let first = choices.0, let second = choices.1 else {
                tally.droppedPairs += 1
                continue
            }
            tally.count(first, second)
            let share = (Self.share(first) + 1 - Self.share(second)) / 2
            won[left] += share
            won[right] += 1 - share
            comparisons[left] += 1
            comparisons[right] += 1
        }
    }

    /// What the response shown first gets.
    private static func share(_ choice: JudgeVerdict.Choice) -> Double {
        switch choice {
        case .first: 1
        case .second: 0
        case .tie: 0.5
        }
    }

    var scores: [Double] { zip(won, comparisons).map { $0 / Double($1) } }
}

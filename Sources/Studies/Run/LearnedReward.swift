import Diagnostics
import Experiment
import JSON
import LanguageModel
import RealModule
import Rewards
import Statistics
import Synchronization
import Torch
import Training
import Worlds

/// `learned`: a Bradley-Terry reward model trained in the run's world on labelled pairs of the reference policy.
///
/// Its accuracy is limited by one mechanism: a share of labels flipped, few updates, or a narrow model. Scores are shifted and scaled by
/// two numbers, so that on the reference policy's responses their mean is 0 and the within-prompt standard deviation is that of gold;
/// arms then differ in what they order, not in how loud they are.
///
/// It can be trained anew on what the policy says at a step; shift and scale are still taken on the reference policy's responses.
final class LearnedReward: RefreshableReward {
    /// Scores of every response from a model trained on pairs of a policy, given as log π, [prompt][response].
    typealias Training = @Sendable (_ logProbabilities: [[Double]], _ step: Int) async throws(Diagnostic) -> [[Double]]

    let spec: String
    /// Share of the reference policy's pairs (differing in gold) that the first training orders right, exactly.
    let accuracy: Double
    private let training: Training
    /// [prompt][response] of the world's enumeration, and whether it is that of the first training.
    private let scores: Mutex<(table: [[Double]], isFirst: Bool)>
    private let indexOfPrompt: [String: Int]
    private let indexOfResponse: [[Int32]: Int]

    init(
        spec: String, table: [[Double]], accuracy: Double, world: any World, enumeration: Enumeration,
        training: @escaping Training
    ) {
        self.spec = spec
        self.accuracy = accuracy
        self.training = training
        scores = Mutex((table, true))
        indexOfPrompt = Dictionary(
            world.prompts.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        indexOfResponse = Dictionary(
            enumeration.responses.enumerated().map { ($1.tokens, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var table: [[Double]] { scores.withLock { $0.table } }

    func refresh(from logProbabilities: [[Double]], step: Int) async throws(Diagnostic) {
        let table = try await training(logProbabilities, step)
        scores.withLock { $0 = (table, false) }
    }

    /// Null until it is trained anew.
    var state: JSONValue {
        scores.withLock { scores in
            scores.isFirst ? .null : .array(scores.table.map { .array($0.map { .number($0) }) })
        }
    }

    func restore(_ state: JSONValue) throws(Diagnostic) {
        guard !state.isNull else { return }
        let rows = (state.arrayValue ?? []).map { ($0.arrayValue ?? []).compactMap(\.doubleValue) }
        let own = table
        guard rows.map(\.count) == own.map(\.count) else {
            throw Diagnostic(
                .badData, "the stored scores of the learned reward do not fit the world",
                remedy: "Start the run anew, without the checkpoint")
        }
        scores.withLock { $0 = (rows, false) }
    }

    var provenance: JSONValue { ["kind": "learned", "accuracy": .number(accuracy)] }

    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        GroupPlan(
            tokensComputed: 0, tokens: group.responses.map { _ in 0 }, truncated: group.responses.map { _ in false })
    }

    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        let table = table
        var scores: [GroupScore] = []
        for group in groups {
            guard let sampled = group.sampled, let row = indexOfPrompt[sampled.prompt.id] else {
                throw Diagnostic(
                    .badData, "learned has no scores for the prompt '\(group.id)'", at: .init(field: spec),
                    remedy: "Score prompts that are trained on")
            }
            scores.append(GroupScore(id: group.id, scores: try values(of: sampled.responses, in: table[row])))
        }
        return scores
    }

    private func values(of responses: [Response], in row: [Double]) throws(Diagnostic) -> [Double] {
        var values: [Double] = []
        for response in responses {
            guard let place = indexOfResponse[response.tokens] else {
                throw Diagnostic(
                    .badData, "the tokens \(response.tokens) are no response of the world", at: .init(field: spec))
            }
            values.append(row[place])
        }
        return values
    }
}

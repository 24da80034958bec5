import Diagnostics
import Experiment
import JSON
import Synchronization

/// `bonus:count`: weight/√n where the response is the n-th of its text to its prompt, this one included (count-based exploration:
/// Strehl and Littman, "An analysis of model-based Interval Estimation for Markov Decision Processes", 2008).
///
/// Scoring counts. Who scores only to look must take the ``state`` before and ``restore(_:)`` it after.
public final class CountBonus: StatefulReward {
    public let spec: String
    public let weight: Double
    /// Visits by prompt and text.
    private let visits = Mutex<[String: [String: Int]]>([:])

    init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        weight = try parameters.double("weight", default: 1)
        try parameters.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue { ["kind": "bonus", "bonus": "count", "weight": .number(weight)] }

    public func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan { GroupPlan(tokenless: group) }

    public func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] {
        var scores: [GroupScore] = []
        for group in groups {
            let values = group.responses.map { weight / Double(visit($0, to: group.id)).squareRoot() }
            scores.append(try GroupScore(finite: values, of: group, by: spec))
        }
        return scores
    }

    /// Counts a visit and returns the number so far.
    private func visit(_ response: String, to prompt: String) -> Int {
        visits.withLock { visits in
            visits[prompt, default: [:]][response, default: 0] += 1
            return visits[prompt]?[response] ?? 1
        }
    }

    /// `{prompt: {text: visits}}`, keys in order of their bytes.
    public var state: JSONValue {
        let prompts = visits.withLock { $0 }.mapValues { texts in
            JSONValue.object(JSONObject(texts.map { (key: $0.key, value: JSONValue.integer($0.value)) }).sortedByKey())
        }
        return .object(JSONObject(prompts.map { (key: $0.key, value: $0.value) }).sortedByKey())
    }

    public func restore(_ state: JSONValue) throws(Diagnostic) {
        var restored: [String: [String: Int]] = [:]
        for (prompt, texts) in try Self.members(state) {
            for (text, count) in try Self.members(texts) {
                guard let count = count.intValue, count > 0 else { throw Self.failure }
                restored[prompt, default: [:]][text] = count
            }
        }
        visits.withLock { $0 = restored }
    }

    private static func members(_ value: JSONValue) throws(Diagnostic) -> JSONObject {
        guard let members = value.objectValue else { throw failure }
        return members
    }

    private static var failure: Diagnostic {
        Diagnostic(
            .badData, "the stored visits of bonus:count are not {prompt: {text: count}}",
            remedy: "Start the run anew, without the checkpoint")
    }
}

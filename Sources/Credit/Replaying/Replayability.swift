import Diagnostics
import JSON

/// Whether the unmodified record, replayed, is the same run: the condition of every credit.
public struct Replayability: Sendable, Hashable {
    /// A request that was not the recorded one.
    public struct Mismatch: Sendable, Hashable {
        /// The decision that was expected.
        public var decision: Int
        public var role: String
        /// Where the requests differ, as a JSON pointer; `nil` where there is nothing to compare.
        public var place: String?
        public var recorded: String?
        public var replayed: String?
        public var cause: Cause?
    }

    /// What most likely varies.
    public enum Cause: String, Sendable, Hashable {
        case time, identifier
        case toolResult = "tool result"
        case hiddenState = "hidden state"
        case compaction
        case order
    }

    public var requests: Int
    public var matches: Int
    public var mismatch: Mismatch?
    public var recordedOutcome: Double
    public var replayedOutcome: Double?
    /// Why the replay had no outcome.
    public var outcomeFailure: String?
    /// Whether every decision was made at temperature 0, so that there is nothing to resample.
    public var isDeterministic: Bool
    /// Whether upstream gives the same answer to the same seed; `nil` where that was not tried.
    public var honoursSeed: Bool?
    /// Whether upstream was asked.
    public var wasProbed = false

    public var hasSameOutcome: Bool { replayedOutcome == recordedOutcome }
    public var isReplayable: Bool { mismatch == nil && matches == requests && hasSameOutcome }
    public var share: Double { requests == 0 ? 1 : Double(matches) / Double(requests) }

    /// - Throws: `badData` with the reason and the remedies where the episode cannot be replayed.
    public func require() throws(Diagnostic) {
        guard !isReplayable else { return }
        throw Diagnostic(
            .badData, "the episode cannot be replayed, so no credit can be given: \(reason)", remedy: remedy)
    }

    /// Why it is not replayable, in words.
    public var reason: String {
        if let mismatch { return mismatch.description }
        if let outcomeFailure { return outcomeFailure }
        let now = replayedOutcome.map { "\($0)" } ?? "none"
        return
            "every request is as recorded, but the outcome was \(recordedOutcome) and is now \(now): something besides the models decides it"
    }

    var remedy: String {
        guard let mismatch else { return "Take chance out of the program's tools and of what reads the outcome" }
        switch mismatch.cause {
        case .time: return "Leave times out of the comparison with --normalize time"
        case .identifier: return "Leave identifiers out of the comparison with --normalize uuid"
        case .toolResult:
            return
                "Give the tool a fixed seed or a recorded answer, or leave it out with --ignore \(mismatch.place ?? "PATH")"
        case .compaction:
            return "Switch compaction of the conversation off: what it drops depends on more than the record"
        case .order: return "Send requests in a fixed order, or give each a place of its own"
        case .hiddenState, nil:
            return
                "Take hidden state out of the program (its memory, caches, files outside the working folder), or leave it out of the comparison with --ignore \(mismatch.place ?? "PATH")"
        }
    }
}

extension Replayability.Mismatch: CustomStringConvertible {
    public var description: String {
        guard let place else { return "decision \(decision) (\(role)) was not asked for again" }
        let guess = cause.map { "; most likely \($0.rawValue)" } ?? ""
        return "decision \(decision) (\(role)) differs at \(place): it was \(recorded ?? "not there") and is now "
            + "\(replayed ?? "not there")\(guess)"
    }
}

extension Replayability {
    public var json: JSONValue {
        var members: JSONObject = [
            "replayable": .bool(isReplayable), "requests": .integer(requests), "matches": .integer(matches),
            "recorded-outcome": .number(recordedOutcome), "deterministic": .bool(isDeterministic),
        ]
        members["replayed-outcome"] = replayedOutcome.map(JSONValue.number)
        members["outcome-failure"] = outcomeFailure.map(JSONValue.string)
        if wasProbed { members["honours-seed"] = honoursSeed.map(JSONValue.bool) ?? .null }
        if let mismatch {
            var found: JSONObject = ["decision": .integer(mismatch.decision), "role": .string(mismatch.role)]
            found["place"] = mismatch.place.map(JSONValue.string)
            found["recorded"] = mismatch.recorded.map(JSONValue.string)
            found["replayed"] = mismatch.replayed.map(JSONValue.string)
            found["cause"] = mismatch.cause.map { .string($0.rawValue) }
            members["mismatch"] = .object(found)
        }
        return .object(members)
    }
}

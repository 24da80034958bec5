import JSON
import Rewards

/// How a control's settings differ from those of the arm that it copies.
enum ControlSettings {
    static func settings(_ settings: JSONValue, for role: Arm.Role) -> JSONValue {
        guard case .object(var members) = settings else { return settings }
        switch role {
        case .design: break
        case .sameAgain: members["streams"] = "aa"
        case .placebo:
            members["reward"] = members["reward"].map(shuffled)
            if let interventions = members["interventions"]?.arrayValue {
                members["interventions"] = .array(interventions.map(replacingByShuffled))
            }
        }
        return .object(members)
    }

    /// `{at: 150, replace: NAME, with: SPEC}` with the new reward shuffled, too.
    private static func replacingByShuffled(_ intervention: JSONValue) -> JSONValue {
        guard case .object(var members) = intervention, let reward = members["with"] else { return intervention }
        members["with"] = shuffled(reward)
        return .object(members)
    }

    /// The same terms, each wrapped in a sham: `{name: proxy, kind: sham, members: [{kind: planted, accuracy: 0.8}]}`.
    private static func shuffled(_ reward: JSONValue) -> JSONValue {
        switch reward {
        case .array(let terms): return .array(terms.map(shuffled))
        case .object(var term):
            var sham: JSONObject = ["name": term["name"] ?? term["kind"] ?? .null]
            for key in RewardTermSettings.ownKeys { if let value = term.removeValue(forKey: key) { sham[key] = value } }
            return wrapped(.object(term), in: sham)
        case .string(let spec):
            let kind = spec.prefix { $0 != ":" && $0 != "?" }
            return wrapped(reward, in: ["name": .string(String(kind))])
        default: return reward
        }
    }

    /// The term keeps its name, by which interventions know it.
    private static func wrapped(_ spec: JSONValue, in term: JSONObject) -> JSONValue {
        var term = term
        term["kind"] = "sham"
        term["members"] = [spec]
        return .object(term)
    }
}

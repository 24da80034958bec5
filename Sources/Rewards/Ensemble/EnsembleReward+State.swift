import Diagnostics
import Experiment
import JSON

extension EnsembleReward: StatefulReward {
    /// A list of what the members remember, null for a member that remembers nothing.
    public var state: JSONValue { .array(members.map { ($0 as? any StatefulReward)?.state ?? .null }) }

    public func restore(_ state: JSONValue) throws(Diagnostic) {
        guard let states = state.arrayValue, states.count == members.count else {
            throw Diagnostic(
                .badData, "the stored state of '\(spec)' is not one value for each of its \(members.count) members",
                remedy: "Start the run anew, without the checkpoint")
        }
        for (member, state) in zip(members, states) { try (member as? any StatefulReward)?.restore(state) }
    }
}

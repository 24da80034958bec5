import Diagnostics
import Experiment
import JSON

/// `vote`: the share of the group's responses, itself among them, that give the same answer. Answers are compared byte by byte;
/// a response without an answer agrees with none and scores 0.
public struct VoteReward: ModelFreeReward {
    public let spec: String
    private let reader: AnswerReader

    init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        reader = try AnswerReader(&parameters)
        try parameters.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue { ["kind": "vote"] }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        let answers = try reader.answers(in: group.responses).map { $0.map { Array($0.utf8) } }
        var votes: [[UInt8]: Int] = [:]
        for answer in answers { if let answer { votes[answer, default: 0] += 1 } }
        let scores = answers.map { answer in
            Double(answer.flatMap { votes[$0] } ?? 0) / Double(answers.count)
        }
        return GroupScore(id: group.id, scores: scores)
    }
}

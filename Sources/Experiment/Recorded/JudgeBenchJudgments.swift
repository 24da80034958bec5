import Diagnostics
import JSON

/// A judge's judgments of a JudgeBench pair: one as responses A and B stand, and perhaps a second with their order
/// reversed.
///
/// The source (ScalerLab/JudgeBench) counts decisions: a pair is right where more judgments decide for its label than
/// against it. Scores stand for the decisions only where each judgment has them and both orders give the same ones;
/// otherwise each response's score is the number of judgments that decided for it, so that the majority wins and a draw
/// is a tie.
public struct JudgeBenchJudgments: Sendable {
    /// The scores of A and B.
    public let scores: [Double]
    /// Whether the scores are numbers of votes.
    public let isVoted: Bool

    /// - Parameters:
    ///   - judgments: one or two objects with `decision` and perhaps `judgment.scores`; `null` where the judge failed.
    ///   - failure: makes an error of a message and the field, such as `judgments[0].decision`, that it is about.
    /// - Throws: what `failure` makes where there are no or more than two judgments, scores are not two numbers or are NaN,
    ///   or a decision is none.
    public init(
        _ judgments: [JSONValue], failure: (_ message: String, _ field: String) -> Diagnostic
    ) throws(Diagnostic) {
        guard (1...2).contains(judgments.count) else {
            throw failure("one or two judgments should be here, these are \(judgments.count)", "judgments")
        }
        var pairs: [[Double]] = []
        var votes = [0.0, 0.0]
        for (index, value) in judgments.enumerated() {
            let judgment = Judgment(value: value, isReversed: index == 1, field: "judgments[\(index)]")
            if let pair = try judgment.scores(failure) { pairs.append(pair) }
            if let winner = try judgment.winner(failure) { votes[winner] += 1 }
        }
        isVoted = pairs.count < judgments.count || pairs.contains { $0 != pairs[0] }
        scores = isVoted ? votes : pairs[0]
    }
}

private struct Judgment {
    let value: JSONValue
    /// Whether the judge read B before A.
    let isReversed: Bool
    let field: String

    /// The scores of A and B; `nil` where the judge gave none.
    func scores(_ failure: (String, String) -> Diagnostic) throws(Diagnostic) -> [Double]? {
        guard let elements = value["judgment"]?["scores"]?.arrayValue else { return nil }
        let place = "\(field).judgment.scores"
        guard elements.count == 2 else {
            throw failure("two scores should be here, these are \(elements.count)", place)
        }
        var scores: [Double] = []
        for (index, element) in elements.enumerated() {
            guard let number = element.doubleValue else {
                throw failure("a number should be here, this is \(element.kindName)", "\(place)[\(index)]")
            }
            guard !number.isNaN else { throw failure("the score is NaN", "\(place)[\(index)]") }
            scores.append(number)
        }
        return isReversed ? scores.reversed() : scores
    }

    /// 0 where A wins, 1 where B does; `nil` where the judge failed or called a tie, which is no vote.
    func winner(_ failure: (String, String) -> Diagnostic) throws(Diagnostic) -> Int? {
        switch value["decision"] {
        case .string("A>B"): return isReversed ? 1 : 0
        case .string("B>A"): return isReversed ? 0 : 1
        case nil, .null, .string("A=B"), .string("B=A"): return nil
        default: throw failure("the decision should be A>B, B>A, A=B or null", "\(field).decision")
        }
    }
}

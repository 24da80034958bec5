import Diagnostics
import Experiment
import Text

/// The text that a judge is asked, with places in braces.
struct JudgeQuestion: Sendable, Hashable {
    let text: String

    static let grading = """
        Below are a request and a response to it. Judge how well the response does what was asked.

        Request:
        {prompt}

        Response:
        {response}

        Explain in a sentence or two, then give a grade from {low} to {high}, the best, in double brackets, such as [[{low}]].
        """

    static let choosing = """
        Below are a request and two responses to it. Judge which response does better what was asked; their order means nothing.

        Request:
        {prompt}

        Response A:
        {response_a}

        Response B:
        {response_b}

        Explain in a sentence or two, then give your choice in double brackets: [[A]], [[B]], or [[C]] for a tie.
        """

    /// - Parameter file: `nil`: the text above.
    /// - Throws: what reading the file throws; `badData` where it has no place for a response.
    init(file: String?, for mode: JudgeReward.Mode) throws(Diagnostic) {
        text = try Instruction.read(file) ?? (mode == .grade ? Self.grading : Self.choosing)
        let places = mode == .grade ? ["{response}"] : ["{response_a}", "{response_b}"]
        guard let missing = places.first(where: { !text.contains($0) }) else { return }
        throw Diagnostic(
            .badData, "the judge's question has no place \(missing)", at: .init(file: file),
            remedy: "Write {prompt} and \(places.joined(separator: " and ")) where they should stand")
    }
}

extension Prompt {
    /// The prompt as a judge reads it.
    var transcript: String {
        switch self {
        case .text(let text): text
        case .messages(let messages): messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n\n")
        }
    }
}

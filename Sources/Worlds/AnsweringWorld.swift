import Diagnostics
import Experiment
import JSON

/// A world that can show an answer which gold calls right.
public protocol AnsweringWorld: World {
    /// The tokens of the answer: what stands for it in a response, without the chain before it and the end after it.
    ///
    /// - Throws: `badData` where the prompt is none of this world; `usage` where its gold knows no answer.
    func goldAnswer(to prompt: WorldPrompt) throws(Diagnostic) -> [Int32]
}

extension LookupWorld: AnsweringWorld {
    /// The likeliest answer of those worth most.
    public func goldAnswer(to prompt: WorldPrompt) throws(Diagnostic) -> [Int32] { [try bestAnswer(to: prompt)] }
}

extension MatchWorld: AnsweringWorld {
    /// The content that fits.
    public func goldAnswer(to prompt: WorldPrompt) throws(Diagnostic) -> [Int32] {
        [vocabulary.contents.lowerBound + Int32(try topic(of: prompt))]
    }
}

extension ReduceWorld: AnsweringWorld {
    /// The product.
    public func goldAnswer(to prompt: WorldPrompt) throws(Diagnostic) -> [Int32] { [try product(of: prompt)] }
}

extension PromptWorld: AnsweringWorld {
    /// The reference's tokens: the field of `exact`, or the number of `numeric-answer` as its digits.
    public func goldAnswer(to prompt: WorldPrompt) throws(Diagnostic) -> [Int32] {
        try tokens(of: try answer(to: prompt))
    }
}

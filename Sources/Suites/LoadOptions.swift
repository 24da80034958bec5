import Experiment

/// How a suite's files are read.
public struct LoadOptions: Sendable, Hashable {
    /// Keep at most so many rows, taken from the subsets in turn so that none is lost; `nil` keeps all.
    public var limit: Int?
    /// What to do with a row that has an empty response; `nil` leaves it to the suite.
    public var emptyResponses: EmptyResponses?
    /// RewardMATH: how a solution's step scores become one; `nil` takes what the source takes for the file's model.
    public var steps: StepReduction?
    /// hh: the form in which a dialogue becomes a prompt.
    public var dialogues: DialogueForm

    public init(
        limit: Int? = nil, emptyResponses: EmptyResponses? = nil, steps: StepReduction? = nil,
        dialogues: DialogueForm = .messages
    ) {
        self.limit = limit
        self.emptyResponses = emptyResponses
        self.steps = steps
        self.dialogues = dialogues
    }

    /// What to do with a row that has a response without any text, which no reward can score.
    public enum EmptyResponses: String, Sendable, Hashable, CaseIterable {
        /// It is an error.
        case refuse
        /// The row is left out and counted.
        case exclude
    }

    /// The form in which a dialogue becomes a prompt.
    public enum DialogueForm: String, Sendable, Hashable, CaseIterable {
        /// One message a turn, text without the white space around it: what a chat template renders.
        case messages
        /// The text as published, up to and including the last `Assistant:`; the response keeps its leading space.
        case text
    }
}

/// What is read from a decoder for each sequence of a batch.
public enum Readout: Sendable, Hashable {
    /// The score head at one position of each sequence.
    case head(positions: [Int])
    /// The score head, averaged over each sequence's positions. (The head is linear, so this is the head of the mean hidden
    /// state.)
    case meanHead
    /// Each sequence's tokens from a position on: logit and log-sum-exp under the tokens before, at a temperature.
    case tokens(from: [Int], temperature: Double)
    /// Logits of the same few tokens, after each sequence's last token.
    case candidates([Int32])
}

/// What was read for one sequence.
public enum SequenceReading: Sendable, Hashable {
    case head(Double)
    /// One entry a token: z(token) / temperature and log Σ exp(z / temperature), natural logarithms.
    case tokens(chosen: [Double], logSumExp: [Double])
    case candidates([Double])
}

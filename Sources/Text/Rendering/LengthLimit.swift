/// The most tokens that a rendering may have, beside what its model was made for.
public struct LengthLimit: Sendable, Hashable {
    public var maximum: Int
    /// How many positions the model was made for.
    public var positions: Int

    public init(maximum: Int, positions: Int) {
        self.maximum = maximum
        self.positions = positions
    }

    /// What to do about a text that is too long, other than to cut it: a maximum is raised only where the model can follow.
    public var remedy: String {
        maximum < positions ? "Raise --max-length" : "Shorten the text (the model was made for no more)"
    }
}

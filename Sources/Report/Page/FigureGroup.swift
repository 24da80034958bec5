/// Figures that belong together and are shown small, side by side, with one legend: the meters of a run, say.
public struct FigureGroup: Sendable {
    public var title: String
    /// Where all have the same, how many each is of: `8 seeds`.
    public var n: String?
    public var caption: String
    /// The ``Experiment/Figure/id`` of each, in the order in which they are shown.
    public var figures: [String]

    public init(title: String, n: String? = nil, caption: String, figures: [String]) {
        self.title = title
        self.n = n
        self.caption = caption
        self.figures = figures
    }
}

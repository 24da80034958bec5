/// Figures that belong together and are shown small, side by side, with one legend: the meters of a run, say.
public struct FigureGroup: Sendable {
    public var title: String
    public var caption: String
    /// The ``Experiment/Figure/id`` of each, in the order in which they are shown.
    public var figures: [String]

    public init(title: String, caption: String, figures: [String]) {
        self.title = title
        self.caption = caption
        self.figures = figures
    }
}

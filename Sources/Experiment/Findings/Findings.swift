import JSON
import Statistics

/// What a study or a run found, ready to be shown: verdicts first, then figures, then tables. It says what, not how it looks.
public struct Findings: Sendable {
    public var title: String
    /// The question that was asked, one sentence.
    public var question: String
    public var verdicts: [Finding] = []
    public var figures: [Figure] = []
    public var tables: [FindingTable] = []
    /// What a reader should know before believing the numbers, a sentence each.
    public var cautions: [String] = []
    /// What produced it: seeds, steps, machine, digests; label and value.
    public var provenance: [(label: String, value: String)] = []

    public init(title: String, question: String) {
        self.title = title
        self.question = question
    }
}

/// One answer.
public struct Finding: Sendable {
    public enum Tone: String, Sendable, CaseIterable {
        /// The evidence is clear of zero, or of the margin, in the direction named.
        case positive, negative
        /// The evidence says: no effect beyond the margin.
        case neutral
        /// Cannot tell, or refused.
        case open
    }

    /// A few words: `in the weights`, `interior optimum at 0.85`, `cannot tell`.
    public var verdict: String
    /// What it is about: `verifier, grpo`.
    public var subject: String
    /// One or two sentences with the numbers that carry it.
    public var explanation: String
    public var tone: Tone
    /// The rule, as it was fixed before step 0: margin, level, method.
    public var rule: String

    public init(verdict: String, subject: String, explanation: String, tone: Tone, rule: String) {
        self.verdict = verdict
        self.subject = subject
        self.explanation = explanation
        self.tone = tone
        self.rule = rule
    }
}

/// A chart's data and meaning.
public struct Figure: Sendable {
    public struct Axis: Sendable {
        public enum Scale: String, Sendable { case linear, log }
        /// With its unit: `KL to reference (nats per response)`.
        public var title: String
        public var scale: Scale
        /// Names of the places 0, 1, 2, …, where the axis is categorical.
        public var categories: [String]?
        /// What the quantity can be, where that is known: a linear axis goes hardly beyond.
        public var bounds: ClosedRange<Double>?

        public init(
            _ title: String, scale: Scale = .linear, categories: [String]? = nil, bounds: ClosedRange<Double>? = nil
        ) {
            self.title = title
            self.scale = scale
            self.categories = categories
            self.bounds = bounds
        }
    }

    public struct Point: Sendable {
        public var x: Double
        public var y: Double
        /// The interval's ends, where there is one.
        public var lower: Double?
        public var upper: Double?

        public init(x: Double, y: Double, lower: Double? = nil, upper: Double? = nil) {
            self.x = x
            self.y = y
            self.lower = lower
            self.upper = upper
        }
    }

    public struct Series: Sendable {
        public enum Mark: String, Sendable {
            /// Joined points with a band where they have intervals.
            case line
            /// Points with error bars where they have intervals.
            case points
            /// Bars from zero with error bars.
            case bars
            /// A dashed line: a truth, a bound, a fit.
            case dashed
        }
        public var name: String
        public var mark: Mark
        public var points: [Point]

        public init(_ name: String, mark: Mark = .line, _ points: [Point]) {
            self.name = name
            self.mark = mark
            self.points = points
        }
    }

    /// Names the figure's files: lower-case words and hyphens.
    public var id: String
    public var title: String
    /// How many it is of: `8 seeds`.
    public var n: String?
    /// What is drawn, of how many, with what intervals: `mean of 8 seeds, 95% t intervals`.
    public var caption: String
    public var x: Axis
    public var y: Axis
    public var series: [Series]
    /// Figures of one group are shown small and side by side, under this title.
    public var group: String?
    /// Where vertical lines stand, with their names (`reward removed`).
    public var marks: [(x: Double, name: String)] = []

    /// The title with n: `Gold, expected (8 seeds)`.
    public var heading: String { n.map { "\(title) (\($0))" } ?? title }

    public init(
        id: String, title: String, n: String? = nil, caption: String, x: Axis, y: Axis, series: [Series]
    ) {
        self.id = id
        self.title = title
        self.n = n
        self.caption = caption
        self.x = x
        self.y = y
        self.series = series
    }
}

/// A table of numbers and names.
public struct FindingTable: Sendable {
    public enum Cell: Sendable, Hashable {
        case text(String)
        /// Printed with three significant digits, or as an integer.
        case number(Double)
        case integer(Int)
        /// `point [lower, upper]`
        case estimate(point: Double, lower: Double, upper: Double)
        case missing
    }

    public var id: String
    public var title: String
    public var caption: String
    public var columns: [String]
    public var rows: [[Cell]]

    public init(id: String, title: String, caption: String, columns: [String], rows: [[Cell]]) {
        self.id = id
        self.title = title
        self.caption = caption
        self.columns = columns
        self.rows = rows
    }
}

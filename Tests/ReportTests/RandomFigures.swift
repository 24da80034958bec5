import Experiment

/// Figures of every sort, sensible and not.
struct RandomFigures {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    mutating func next() -> Figure {
        let x = axis()
        let y = axis()
        let series = (0..<pick(9)).map { _ in self.series(x) }
        var figure = Figure(id: "random", title: text(), caption: text(), x: x, y: y, series: series)
        figure.marks = (0..<pick(4)).map { _ in (x: number(), name: text()) }
        return figure
    }

    private mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private mutating func axis() -> Figure.Axis {
        let names = pick(4) == 0 ? (0..<pick(14)).map { _ in text() } : nil
        return Figure.Axis(text(), scale: pick(3) == 0 ? .log : .linear, categories: names)
    }

    private mutating func series(_ x: Figure.Axis) -> Figure.Series {
        let marks: [Figure.Series.Mark] = [.line, .points, .bars, .dashed]
        let points = (0..<pick(40)).map { index in
            Figure.Point(
                x: x.categories != nil || pick(2) == 0 ? Double(index) : number(), y: number(),
                lower: pick(2) == 0 ? number() : nil, upper: pick(2) == 0 ? number() : nil)
        }
        return Figure.Series(text(), mark: marks[pick(4)], points)
    }

    private mutating func number() -> Double {
        switch pick(24) {
        case 0: .nan
        case 1: .infinity
        case 2: -.infinity
        case 3: 0
        case 4: .greatestFiniteMagnitude
        case 5: -.greatestFiniteMagnitude
        case 6: .leastNonzeroMagnitude
        case 7: (random.unit() - 0.5) * 1e300
        case 8: (random.unit() - 0.5) * 1e-300
        default: (random.unit() - 0.3) * 10
        }
    }

    private mutating func text() -> String {
        let words = [
            "gold", "", "<b>&amp;\"'</b>", "a rather long name of a thing that is measured", "日本語のラベル", "x\u{0}\u{7}y",
            "]]>", "KL (nats)",
        ]
        return words[pick(words.count)]
    }
}

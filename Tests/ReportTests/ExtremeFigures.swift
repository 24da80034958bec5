import Experiment

/// Figures that try a drawing's limits.
enum ExtremeFigures {
    static var all: [Figure] {
        [
            empty, single, equal, missing, huge, tiny, negative, many, wideIntervals, openIntervals, logBars, longNames,
            doublings, crowdedMarks, decades, constantZero,
        ]
    }

    private static func figure(
        _ id: String, _ series: [Figure.Series], x: Figure.Axis = .init("step"), y: Figure.Axis = .init("value (units)")
    ) -> Figure {
        Figure(id: id, title: "Extreme: \(id)", caption: "A figure that tries a limit", x: x, y: y, series: series)
    }

    private static func points(_ count: Int, _ make: (Double) -> Figure.Point) -> [Figure.Point] {
        (0..<count).map { make(Double($0)) }
    }

    static var empty: Figure { figure("empty", [.init("nothing", [])]) }

    static var single: Figure {
        figure("single", [.init("one", mark: .line, [.init(x: 3, y: 0.5, lower: 0.3, upper: 0.9)])])
    }

    static var equal: Figure { figure("equal", [.init("flat", points(8) { .init(x: $0, y: 12_345) })]) }

    static var constantZero: Figure { figure("constant-zero", [.init("nil", points(8) { .init(x: $0, y: 0) })]) }

    static var missing: Figure {
        let points = points(20) { x in
            let isGap = x == 3 || x == 10 || x == 17
            return .init(x: x, y: isGap ? .nan : x * x, lower: x * x - 20, upper: x == 9 ? nil : x * x + 20)
        }
        return figure(
            "missing", [.init("gaps", points), .init("infinite", mark: .points, [.init(x: 2, y: .infinity)])])
    }

    static var huge: Figure {
        figure("huge", [.init("tokens", points(6) { .init(x: $0 * 2.5e11, y: -3e15 + $0 * 1e15) })])
    }

    static var tiny: Figure {
        figure("tiny", [.init("rates", mark: .points, points(6) { .init(x: $0, y: 3e-7 * $0) })])
    }

    static var negative: Figure {
        figure(
            "negative",
            [
                .init(
                    "differences", mark: .bars,
                    points(5) { .init(x: $0, y: $0 - 3, lower: $0 - 3.6, upper: $0 - 2.4) })
            ])
    }

    static var many: Figure {
        let series = (0..<60).map { index in
            let (level, slope) = (Double(index), Double(index % 7) / 3)
            return Figure.Series("arm \(index + 1)", points(30) { .init(x: $0, y: level + $0 * slope) })
        }
        return figure("many", series)
    }

    static var wideIntervals: Figure {
        let seeds = points(6) { .init(x: $0, y: 0.5 + $0 / 40, lower: $0 == 4 ? -40 : 0.45, upper: $0 == 2 ? 90 : 0.7) }
        let line = points(6) { .init(x: $0, y: 0.6, lower: $0 == 3 ? -9 : 0.55, upper: 0.65) }
        return figure("wide-intervals", [.init("seeds", mark: .points, seeds), .init("line", line)])
    }

    static var openIntervals: Figure {
        figure(
            "open-intervals",
            [
                .init(
                    "S = I/C", mark: .points,
                    [
                        .init(x: 0, y: 0.6, lower: 0.2, upper: 1.1),
                        .init(x: 1, y: 0.3, lower: -.infinity, upper: .infinity),
                        .init(x: 2, y: 0.8, lower: 0.1, upper: .infinity), .init(x: 3, y: 0.8, upper: 0.9),
                    ])
            ],
            x: .init("piece", categories: ["verifier", "hint, constant", "hint, faded", "bonus"]), y: .init("survival"))
    }

    static var logBars: Figure {
        figure(
            "log-bars",
            [
                .init(
                    "seconds", mark: .bars,
                    [.init(x: 0, y: 0.02, lower: 0, upper: 0.05), .init(x: 1, y: 300), .init(x: 2, y: -1)])
            ],
            x: .init("arm", categories: ["a", "b", "c"]), y: .init("seconds", scale: .log))
    }

    static var longNames: Figure {
        let names = (0..<12).map {
            "withdrawal of the \(["verifier", "teacher", "hint"][$0 % 3]) at <step> \($0 * 25) & after"
        }
        return figure(
            "long-names",
            [
                .init("trained with", mark: .bars, points(12) { .init(x: $0, y: $0 + 1) }),
                .init("trained without", mark: .bars, points(12) { .init(x: $0, y: 12 - $0) }),
            ],
            x: .init("", categories: names))
    }

    static var doublings: Figure {
        let powers = (0...8).map { Double(1 << $0) }
        let exact = powers.map { (n: $0, gold: 1 - 1 / (1 + $0)) }
        return figure(
            "doublings",
            [
                .init(
                    "unbiased", exact.map { .init(x: $0.n, y: $0.gold, lower: $0.gold - 0.05, upper: $0.gold + 0.05) }),
                .init("exact", mark: .dashed, exact.map { .init(x: $0.n, y: $0.gold) }),
            ],
            x: .init("samples n", scale: .log), y: .init("gold of the best by reward"))
    }

    static var crowdedMarks: Figure {
        var figure = figure(
            "marks", [.init("gold", points(100) { .init(x: $0, y: $0.truncatingRemainder(dividingBy: 10)) })])
        figure.marks = [
            (x: 10, name: "hint faded to half"), (x: 20, name: "reward removed"), (x: 25, name: "evaluator refreshed"),
            (x: 98, name: "end of the schedule"), (x: 1e6, name: "far"), (x: 60, name: ""),
        ]
        return figure
    }

    static var decades: Figure {
        let ratios = [1e-12, 3e-4, 5e7, 2e-12, 6e-4, 1e8]
        return figure(
            "decades", [.init("ratio", mark: .points, points(6) { .init(x: $0, y: ratios[Int($0)], lower: 0) })],
            x: .init("seed"), y: .init("ratio", scale: .log))
    }
}

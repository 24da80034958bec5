import Experiment
import JSON
import Testing

@testable import Report

struct FigureTests {
    private func drawings(_ figure: Figure) -> [SVGFigure] {
        SVGFigure.Size.allCases.map { SVGFigure(figure, size: $0, identifier: "f") } + [SVGFigure(figure)]
    }

    /// Well-formed, and every place finite and inside the view box.
    private func check(_ figure: Figure) {
        for drawing in drawings(figure) {
            let picture = PictureNumbers(drawing.text)
            #expect(picture.isWellFormed && picture.viewBox.count == 4, "\(figure)")
            guard picture.viewBox.count == 4 else { return }
            let outsideAcross = picture.across.filter { !(0...picture.viewBox[2]).contains($0.1) }
            let outsideUp = picture.up.filter { !(0...picture.viewBox[3]).contains($0.1) }
            #expect(outsideAcross.isEmpty, "\(outsideAcross.prefix(3)) \(figure)")
            #expect(outsideUp.isEmpty, "\(outsideUp.prefix(3)) \(figure)")
            #expect(!drawing.text.contains("nan") || "\(figure)".contains("nan"))
        }
    }

    @Test("Extremes are drawn, every place finite and inside the picture")
    func extremes() { for figure in ExtremeFigures.all { check(figure) } }

    @Test("Whatever figure comes, every place is finite and inside the picture")
    func random() {
        var figures = RandomFigures(seed: 7)
        for _ in 0..<150 { check(figures.next()) }
    }

    @Test("What cannot be seen is said")
    func notes() {
        #expect(
            SVGFigure(ExtremeFigures.missing).notes == ["3 of 21 points are missing.", "1 of 21 points is not finite."])
        #expect(SVGFigure(ExtremeFigures.openIntervals).notes == ["An arrow at the frame: the interval goes on."])
        #expect(SVGFigure(ExtremeFigures.crowdedMarks).notes == ["far (1×10⁶) lies outside the axis."])
        #expect(SVGFigure(ExtremeFigures.logBars).notes.count == 3)
        #expect(SVGFigure(SampleFindings.overOptimizationFigure).notes.isEmpty)
    }

    @Test("Labels along the horizontal axis do not touch, and stay in the picture")
    func labels() {
        let figures = ExtremeFigures.all + [SampleFindings.overOptimizationFigure, SampleFindings.accuracyFigure]
        for figure in figures {
            for form in [ChartForm.wide, .narrow, .small] {
                let layout = ChartLayout(PlotFigure(figure), form: form)
                guard !layout.xLabels.isSlanted else { continue }
                let spans = layout.xLabels.labels.map { label in
                    let half = (label.lines.map { TextWidth.of($0, size: form.letterSize) }.max() ?? 0) / 2
                    return label.x - half...label.x + half
                }
                #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, "\(figure.id)")
                #expect(spans.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= form.width }, "\(figure.id)")
            }
        }
    }

    @Test("Up to four lines are named at their ends, more in a legend, and each series looks different")
    func names() {
        let few = ChartLayout(PlotFigure(SampleFindings.overOptimizationFigure), form: .wide)
        #expect(few.ends?.labels.count == 3 && few.head.legend == nil)
        let many = ChartLayout(PlotFigure(ExtremeFigures.many), form: .wide)
        #expect(many.ends == nil && many.head.legend?.entries.count == 60)
        #expect(Set(many.plot.series.map(\.style)).count == 60)
    }

    @Test("A fit has the colour of what it fits, and the first bound the ink of the axes")
    func styles() {
        let styles = SeriesStyle.assigned(to: [
            .init("gold", []), .init("proxy", []), .init("proxy, fit", mark: .dashed, []),
            .init("truth", mark: .dashed, []),
            .init("golden rule", mark: .dashed, []), .init("gold", mark: .points, []),
        ])
        #expect(styles.map(\.colour) == [0, 1, 1, nil, 2, 0])
    }

    @Test("Hostile text is text")
    func escaping() {
        let hostile = "</title><script>alert('x')</script> & \"quotes\" ]]> \u{0}"
        var figure = Figure(
            id: "../../etc/passwd", title: hostile, caption: hostile, x: .init(hostile, categories: [hostile]),
            y: .init(hostile),
            series: [.init(hostile, mark: .bars, [.init(x: 0, y: 1)]), .init("b", [.init(x: 0, y: 2)])])
        figure.marks = [(x: 0, name: hostile)]
        for drawing in drawings(figure) {
            #expect(!drawing.text.contains("<script"))
            let picture = PictureNumbers(drawing.text)
            #expect(picture.isWellFormed)
            #expect(picture.texts.joined().contains("</title><script>alert('x')</script> & \"quotes\" ]]> \u{FFFD}"))
        }
    }

    @Test("The Vega-Lite specification is JSON with all the data in it")
    func vegaLite() throws {
        for figure in ExtremeFigures.all + SampleFindings.all.flatMap(\.figures) {
            let text = VegaLiteSpec(ChartLayout(PlotFigure(figure), form: .wide)).value.text
            let spec = try JSONValue(parsing: text)
            let points = figure.series.reduce(0) { $0 + $1.points.count }
            #expect(spec["data"]?["values"]?.arrayValue?.count == points)
            #expect(spec["$schema"]?.stringValue == "https://vega.github.io/schema/vega-lite/v5.json")
        }
    }
}

extension SVGFigure {
    private var frame: Frame { layout.frame }
    private var size: Double { layout.form.letterSize }

    func drawAxes(_ svg: inout Markup) {
        svg.element("g", [("class", "gr"), ("stroke-width", "1")]) { drawGrid(&$0) }
        svg.element("g", [("class", "ax"), ("stroke-width", "1")]) { drawLines(&$0) }
        svg.element("g", [("class", "mu")]) { svg in
            drawRowLabels(&svg)
            drawColumnLabels(&svg)
            drawTitles(&svg)
        }
    }

    private func drawGrid(_ svg: inout Markup) {
        for tick in layout.yTicks {
            let y = layout.y.place(tick.value)
            line(&svg, Place(x: frame.left, y: y), Place(x: frame.right, y: y), [])
        }
    }

    private func drawLines(_ svg: inout Markup) {
        line(&svg, Place(x: frame.left, y: frame.bottom), Place(x: frame.right, y: frame.bottom), [])
        if hasZeroInside {
            let zero = layout.y.place(0)
            line(&svg, Place(x: frame.left, y: zero), Place(x: frame.right, y: zero), [])
        }
        for tick in layout.xTicks { drawTick(&svg, layout.x.place(tick.value), length: 5) }
        // Between powers of two, places at 3, 5, 6, 7 would only confuse.
        if layout.x.isLog, layout.xTicks.allSatisfy({ DecimalDigits($0.value).digits.count == 1 }) {
            for tick in LogTicks.minor(from: layout.x.low, to: layout.x.high) {
                drawTick(&svg, layout.x.place(tick.value), length: 3)
            }
        }
        for label in layout.xLabels.labels where layout.xLabels.isSlanted { drawTick(&svg, label.x, length: 5) }
    }

    private func drawTick(_ svg: inout Markup, _ x: Double, length: Double) {
        line(&svg, Place(x: x, y: frame.bottom), Place(x: x, y: frame.bottom + length), [])
    }

    /// Where numbers go below zero and above it, zero is the line to see.
    private var hasZeroInside: Bool {
        layout.y.kind == .linear && layout.y.extent.low < 0 && layout.y.extent.high > 0
    }

    private func drawRowLabels(_ svg: inout Markup) {
        for tick in layout.yTicks {
            letters(
                &svg, tick.label, x: frame.left - 8, y: layout.y.place(tick.value) + size * 0.35,
                [("text-anchor", "end")])
        }
    }

    private func drawColumnLabels(_ svg: inout Markup) {
        let top = frame.bottom + 8
        for label in layout.xLabels.labels {
            if layout.xLabels.isSlanted {
                drawSlanted(&svg, label, top: top)
            } else {
                for (index, text) in label.lines.enumerated() {
                    let y = top + size * 0.9 + Double(index) * layout.form.lineHeight
                    letters(&svg, text, x: label.x, y: y, [("text-anchor", "middle")])
                }
            }
        }
    }

    private func drawSlanted(_ svg: inout Markup, _ label: AxisLabels.Label, top: Double) {
        let (x, y) = (label.x + size * 0.3, top + size * 0.6)
        let turn = "rotate(-\(number(AxisLabels.slant)) \(number(x)) \(number(y)))"
        let attributes = [("x", number(x)), ("y", number(y)), ("text-anchor", "end"), ("transform", turn)]
        svg.element("text", attributes) { svg in
            if let whole = label.whole { svg.element("title", text: whole) }
            svg.write(label.lines[0])
        }
    }

    private func drawTitles(_ svg: inout Markup) {
        for (index, text) in layout.head.yTitle.lines.enumerated() {
            letters(&svg, text, x: 4, y: layout.head.yTitleTop + baseline(index), [("class", "tx")])
        }
        for (index, text) in layout.xTitle.lines.enumerated() {
            letters(
                &svg, text, x: titleMiddle, y: layout.xTitleTop + baseline(index),
                [("class", "tx"), ("text-anchor", "middle")])
        }
    }

    /// The middle of the plot, or as near to it as the title has room.
    private var titleMiddle: Double {
        let half = layout.xTitle.width(size: size) / 2 + 2
        return max(half, min((frame.left + frame.right) / 2, layout.form.width - half))
    }

    func baseline(_ row: Int) -> Double { Double(row) * layout.form.lineHeight + size }
}

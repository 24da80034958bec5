import Experiment

extension ReportPage {
    func write(_ exhibit: PageSection.Exhibit, to page: inout Markup) {
        page.lineFeed()
        switch exhibit {
        case .figure(let entry): write(entry, to: &page)
        case .group(let group, let members): write(group, members, to: &page)
        }
    }

    /// A figure at two sizes, of which the style sheet shows the one that fits.
    private func write(_ entry: PageSection.NamedFigure, to page: inout Markup) {
        let wide = SVGFigure(entry.figure, size: .wide, identifier: entry.name)
        let narrow = SVGFigure(entry.figure, size: .narrow, identifier: entry.name)
        page.element("figure", [("id", "figure-\(entry.name)")]) { page in
            page.element("h3", text: entry.figure.heading)
            page.raw(wide.text)
            page.raw(narrow.text)
            writeCaption(&page, entry, wide.notes)
        }
    }

    private func writeCaption(_ page: inout Markup, _ entry: PageSection.NamedFigure, _ notes: [String]) {
        page.element("figcaption") { page in
            page.write(
                ([entry.figure.caption] + notes).filter { !$0.isEmpty }.map(Self.sentence).joined(separator: " "))
            page.write(" ")
            writeLinks(&page, entry.name)
        }
    }

    private static func sentence(_ text: String) -> String {
        text.last.map { ".!?…".contains($0) } ?? true ? text : text + "."
    }

    private func writeLinks(_ page: inout Markup, _ name: String) {
        page.element("span", [("class", "files")]) { page in
            for (kind, ending) in [("SVG", "svg"), ("Vega-Lite", "vl.json"), ("CSV", "csv")] {
                if ending != "svg" { page.write(" · ") }
                page.element("a", [("href", "figures/\(name).\(ending)")], text: kind)
            }
        }
    }

    // Groups ------------------------------------------------------------------------------------------------------

    private func write(_ group: FigureGroup, _ members: [PageSection.NamedFigure], to page: inout Markup) {
        let isShared = Self.haveSameSeries(members)
        let plots = members.map { PlotFigure($0.figure) }
        let tops = plots.map { ChartLayout($0, form: .small, showsLegend: !isShared).head.bottom }
        let drawings = zip(members, plots).map { member, plot in
            let layout = ChartLayout(plot, form: .small, showsLegend: !isShared, top: tops.max() ?? 0)
            return SVGFigure(layout: layout, identifier: member.name)
        }
        page.element("figure", [("class", "group")]) { page in
            page.element("h3", text: group.n.map { "\(group.title) (\($0))" } ?? group.title)
            if isShared, let first = plots.first { writeSharedLegend(&page, first) }
            page.element("div", [("class", "grid")]) { page in
                for (member, drawing) in zip(members, drawings) {
                    // What stands in the common heading is not said again.
                    writeSmall(&page, member, drawing, group.n == nil ? member.figure.heading : member.figure.title)
                }
            }
            if !group.caption.isEmpty { page.element("figcaption", text: group.caption) }
        }
    }

    private static func haveSameSeries(_ members: [PageSection.NamedFigure]) -> Bool {
        let keys = members.map { $0.figure.series.map { "\($0.mark.rawValue) \($0.name)" } }
        return Set(keys).count == 1
    }

    private func writeSharedLegend(_ page: inout Markup, _ plot: PlotFigure) {
        let legend = Legend(plot.series, form: .small, width: .infinity)
        guard !legend.entries.isEmpty else { return }
        page.element("ul", [("class", "legend")]) { page in
            for entry in legend.entries {
                page.element("li") { page in
                    let box = [("viewBox", "0 0 24 14"), ("width", "24"), ("height", "14"), ("aria-hidden", "true")]
                    page.element("svg", box) {
                        LegendSign(series: entry.series, radius: 3).draw(&$0, at: Place(x: 0, y: 7))
                    }
                    page.write(entry.series.name)
                }
            }
        }
    }

    private func writeSmall(
        _ page: inout Markup, _ member: PageSection.NamedFigure, _ drawing: SVGFigure, _ heading: String
    ) {
        page.lineFeed()
        page.element("figure", [("id", "figure-\(member.name)")]) { page in
            page.element("h4", text: heading)
            page.raw(drawing.text)
            writeCaption(&page, member, drawing.notes)
        }
    }
}

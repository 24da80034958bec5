import Diagnostics
import Experiment
import JSON

/// Findings as a folder: a page that can be read alone, without a network and without scripts, and beside it each figure as SVG,
/// as a Vega-Lite specification and as CSV, and each table as CSV.
///
/// The same findings give the same bytes.
public struct ReportPage: Sendable {
    public var title: String
    /// A sentence or two under the title; may be empty.
    public var introduction: String
    public var findings: [Findings]
    /// Figures that are shown small and side by side; looked up by their ids in each of the findings.
    public var groups: [FigureGroup]

    public init(title: String, introduction: String = "", findings: [Findings], groups: [FigureGroup] = []) {
        self.title = title
        self.introduction = introduction
        self.findings = findings
        self.groups = groups
    }

    /// Writes `index.html`, `figures/ID.svg`, `figures/ID.vl.json`, `figures/ID.csv` and `tables/ID.csv`, the page last. Files
    /// of the same names are replaced, each as a whole; others are left alone.
    ///
    /// - Parameter folder: made where it is not there.
    /// - Returns: the paths written, in order.
    /// - Throws: `inputMissing` where the folder cannot be made or written to; `unavailable` where there is no room.
    public func write(to folder: String) throws(Diagnostic) -> [String] {
        let sections = PageSection.all(findings)
        let folder = try ReportFolder(folder)
        var paths: [String] = []
        if sections.contains(where: { !$0.figures.isEmpty }) { try folder.folder("figures") }
        if sections.contains(where: { !$0.tables.isEmpty }) { try folder.folder("tables") }
        for section in sections {
            for file in Self.files(of: section) { paths.append(try folder.write(file.text, to: file.name)) }
        }
        paths.append(try folder.write(html, to: "index.html"))
        return paths
    }

    private static func files(of section: PageSection) -> [(name: String, text: String)] {
        let figures = section.figures.flatMap { entry in
            let drawing = SVGFigure(entry.figure)
            let spec = VegaLiteSpec(drawing.layout).value.text + "\n"
            return [
                ("figures/\(entry.name).svg", drawing.text), ("figures/\(entry.name).vl.json", spec),
                ("figures/\(entry.name).csv", CSVText(entry.figure).text),
            ]
        }
        return figures + section.tables.map { ("tables/\($0.name).csv", CSVText($0.table).text) }
    }

    /// The page.
    public var html: String {
        let sections = PageSection.all(findings)
        var page = Markup()
        page.raw("<!doctype html>\n")
        page.element("html", [("lang", "en")]) { page in
            writeHead(&page)
            page.lineFeed()
            page.element("body") { page in
                writeHeader(&page, sections)
                page.element("main") { page in
                    for section in sections { write(section, to: &page) }
                }
                writeFooter(&page)
            }
        }
        page.lineFeed()
        return page.text
    }

    private func writeHead(_ page: inout Markup) {
        page.element("head") { page in
            page.void("meta", [("charset", "utf-8")])
            page.void("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")])
            page.void("meta", [("name", "color-scheme"), ("content", "light dark")])
            // Nothing may be fetched, whatever a text in the findings says.
            page.void(
                "meta",
                [
                    ("http-equiv", "Content-Security-Policy"),
                    ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
                ])
            page.void("link", [("rel", "icon"), ("href", "data:,")])
            page.element("title", text: title)
            page.element("style") { $0.raw(StyleSheet.text) }
        }
    }

    private func writeHeader(_ page: inout Markup, _ sections: [PageSection]) {
        page.element("header") { page in
            page.element("h1", text: title)
            if !introduction.isEmpty { page.element("p", [("class", "introduction")], text: introduction) }
            if sections.isEmpty { page.element("p", text: "Nothing was found, because nothing was given.") }
        }
        if sections.count > 1 { writeContents(&page, sections) }
        page.lineFeed()
    }

    /// What is on the page, with the verdict words, so that the page can be read by its contents alone.
    private func writeContents(_ page: inout Markup, _ sections: [PageSection]) {
        page.element("nav", [("aria-label", "Contents")]) { page in
            page.element("ol") { page in
                for section in sections {
                    page.element("li") { page in
                        page.element("a", [("href", "#\(section.anchor)")], text: section.findings.title)
                        for finding in section.findings.verdicts { writeChip(&page, finding) }
                    }
                }
            }
        }
    }

    private func writeChip(_ page: inout Markup, _ finding: Finding) {
        page.write(" ")
        page.element("span", [("class", "chip \(finding.tone.rawValue)"), ("title", finding.subject)]) { page in
            page.element("span", [("class", "sign"), ("aria-hidden", "true")], text: finding.tone.sign)
            page.write(finding.verdict)
        }
    }

    private func writeFooter(_ page: inout Markup) {
        page.lineFeed()
        page.element("footer") { page in
            page.element(
                "p",
                text:
                    "Intervals are named in each caption. The data of every figure and table lie beside this page, in "
                    + "the folders figures and tables. Made by assay.")
        }
    }
}

extension Finding.Tone {
    /// Told apart without colour.
    var sign: String {
        switch self {
        case .positive: "+"
        case .negative: "−"
        case .neutral: "="
        case .open: "?"
        }
    }

    /// For who hears the page.
    var meaning: String {
        switch self {
        case .positive: "evidence for"
        case .negative: "evidence against"
        case .neutral: "no effect beyond the margin"
        case .open: "undecided"
        }
    }
}

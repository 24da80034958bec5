import Diagnostics
import Experiment
import Foundation
import JSON
import Testing

@testable import Report

struct PageTests {
    private var page: ReportPage {
        let group = SampleFindings.runGroup
        return ReportPage(
            title: "Four studies of a learned reward", introduction: "A sample of every kind of figure.",
            findings: SampleFindings.all,
            groups: [FigureGroup(title: group.title, caption: group.caption, figures: group.figures)])
    }

    @Test("Figures and the page are as they were")
    func goldens() throws {
        try Golden.expect(SVGFigure(SampleFindings.overOptimizationFigure).text, is: "over-optimization.svg")
        try Golden.expect(SVGFigure(SampleFindings.withdrawalFigure).text, is: "withdrawal.svg")
        try Golden.expect(SVGFigure(ExtremeFigures.openIntervals).text, is: "open-intervals.svg")
        try Golden.expect(page.html, is: "page.html")
        let layout = ChartLayout(PlotFigure(SampleFindings.withdrawalFigure), form: .wide)
        try Golden.expect(VegaLiteSpec(layout).value.text + "\n", is: "withdrawal.vl.json")
        try Golden.expect(CSVText(SampleFindings.outcomes).text, is: "outcomes.csv")
    }

    @Test("A report is a page, and three files a figure, and one a table, the same bytes each time")
    func files() throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/deep/er/"
        let paths = try page.write(to: place)
        let figures = SampleFindings.all.flatMap(\.figures)
        let tables = SampleFindings.all.flatMap(\.tables)
        #expect(paths.count == 1 + 3 * figures.count + tables.count)
        #expect(paths.last == folder.path + "/deep/er/index.html")
        let first = try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }
        #expect(try page.write(to: place) == paths)
        #expect(try paths.map { try String(contentsOfFile: $0, encoding: .utf8) } == first)
        let names = try FileManager.default.subpathsOfDirectory(atPath: place)
        #expect(!names.contains { $0.hasSuffix(".partial") })
    }

    @Test("The page fetches nothing and needs no script")
    func standsAlone() {
        let html = page.html
        for word in ["http:", "https:", "<script", "src=", "@import", "url("] {
            #expect(!html.contains(word), "\(word)")
        }
    }

    @Test("Every identifier on the page is unique, and every link within it leads somewhere")
    func identifiers() {
        let html = page.html
        let ids = html.matches(of: /\ id="([^"]*)"/).map { String($0.1) }
        #expect(Set(ids).count == ids.count)
        for link in html.matches(of: /href="#([^"]*)"/) { #expect(ids.contains(String(link.1))) }
        for label in html.matches(of: /aria-labelledby="([^"]*)"/) {
            #expect(label.1.split(separator: " ").allSatisfy { ids.contains(String($0)) })
        }
    }

    @Test("Studies that name their figures alike have files of their own, inside the folder")
    func names() throws {
        var first = Findings(title: "Run A", question: "")
        first.figures = [ExtremeFigures.single, ExtremeFigures.single]
        first.figures[1].id = "../../etc/passwd"
        var second = Findings(title: "Run B", question: "")
        second.figures = [ExtremeFigures.single, ExtremeFigures.single]
        let folder = try TemporaryFolder()
        let paths = try ReportPage(title: "x", findings: [first, second]).write(to: folder.path)
        let names = paths.filter { $0.hasSuffix(".svg") }.map { $0.dropFirst(folder.path.count + 1) }
        #expect(
            names == [
                "figures/single.svg", "figures/etc-passwd.svg", "figures/run-b-single.svg",
                "figures/run-b-single-2.svg",
            ])
    }

    @Test("A place that cannot be written is named")
    func errors() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/file"
        try Data().write(to: URL(filePath: file))
        #expect(
            throws: Diagnostic(
                .inputMissing, "this is a file, but a report is written to a folder", at: .init(file: file),
                remedy: "Name a folder with --output")
        ) { try page.write(to: file) }
        let below = #expect(throws: Diagnostic.self) { try page.write(to: file + "/below") }
        #expect(below?.location.file == file)
        try FileManager.default.createDirectory(atPath: folder.path + "/index.html", withIntermediateDirectories: true)
        let taken = #expect(throws: Diagnostic.self) { try page.write(to: folder.path) }
        #expect(taken?.category == .inputMissing && taken?.location.file == folder.path + "/index.html")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/index.html.partial"))
    }

    @Test("Nothing found is a page too, and hostile text in findings is text")
    func hostile() {
        #expect(ReportPage(title: "t", findings: []).html.contains("Nothing was found"))
        let text = "<img src=x onerror=alert(1)>\"'&"
        var findings = Findings(title: text, question: text)
        findings.verdicts = [Finding(verdict: text, subject: text, explanation: text, tone: .open, rule: text)]
        findings.tables = [
            FindingTable(id: text, title: text, caption: text, columns: [text], rows: [[.text(text)], []])
        ]
        findings.cautions = [text]
        findings.provenance = [(text, text)]
        let html = ReportPage(title: text, introduction: text, findings: [findings, findings]).html
        #expect(!html.contains("<img"))
        #expect(html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"))
    }
}

struct CSVTests {
    @Test("Cells are quoted as RFC 4180 asks, and numbers read back")
    func cells() {
        let table = FindingTable(
            id: "t", title: "", caption: "", columns: ["name, \"quoted\"", "value"],
            rows: [
                [.text("a\nb"), .estimate(point: 0.1, lower: -.infinity, upper: 1e-7)], [.missing, .number(.nan)],
                [.integer(-3), .number(2)], [.text("short")],
            ])
        let lines = [
            #""name, ""quoted""",value,value lower,value upper"#, "\"a\nb\",0.1,-inf,1e-07", ",,,", "-3,2,,",
            "short,,,",
        ]
        #expect(CSVText(table).text == lines.map { $0 + "\r\n" }.joined())
    }

    @Test("A figure's points, missing ones too, and its vertical lines are in its file")
    func figure() {
        var figure = ExtremeFigures.openIntervals
        figure.marks = [(x: 1, name: "here")]
        let lines = CSVText(figure).text.split(separator: "\r\n")
        #expect(lines[0] == "series,mark,x,y,lower,upper,x_name")
        #expect(lines[2] == "S = I/C,points,1,0.3,-inf,inf,\"hint, constant\"")
        #expect(lines[4] == "S = I/C,points,3,0.8,,0.9,bonus")
        #expect(lines[5] == "here,vertical,1,,,,")
    }
}

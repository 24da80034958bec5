import Experiment

extension ReportPage {
    func write(_ section: PageSection, to page: inout Markup) {
        let findings = section.findings
        page.element("section", [("id", section.anchor)]) { page in
            if self.findings.count > 1 || findings.title != title { page.element("h2", text: findings.title) }
            if !findings.question.isEmpty { page.element("p", [("class", "question")], text: findings.question) }
            writeVerdicts(&page, findings.verdicts)
            for exhibit in section.exhibits(groups) { write(exhibit, to: &page) }
            for entry in section.tables { PageTable(entry.table, name: entry.name).write(to: &page) }
            writeCautions(&page, findings.cautions)
            writeProvenance(&page, findings.provenance)
        }
        page.lineFeed()
    }

    // Verdicts ----------------------------------------------------------------------------------------------------

    private func writeVerdicts(_ page: inout Markup, _ verdicts: [Finding]) {
        guard !verdicts.isEmpty else { return }
        page.element("ul", [("class", "verdicts")]) { page in
            for finding in verdicts { writeCard(&page, finding) }
        }
    }

    private func writeCard(_ page: inout Markup, _ finding: Finding) {
        page.lineFeed()
        page.element("li", [("class", finding.tone.rawValue)]) { page in
            page.element("p", [("class", "subject")], text: finding.subject)
            page.element("h3") { page in
                page.element("span", [("class", "sign"), ("aria-hidden", "true")], text: finding.tone.sign)
                page.element("span", [("class", "heard")], text: finding.tone.meaning + ": ")
                page.write(finding.verdict)
            }
            page.element("p", text: finding.explanation)
            if !finding.rule.isEmpty {
                page.element("p", [("class", "rule")], text: "Rule, fixed before the first step: " + finding.rule)
            }
        }
    }

    // Cautions and provenance -------------------------------------------------------------------------------------

    private func writeCautions(_ page: inout Markup, _ cautions: [String]) {
        guard !cautions.isEmpty else { return }
        page.lineFeed()
        page.element("div", [("class", "cautions")]) { page in
            page.element("h3", text: "Before believing the numbers")
            page.element("ul") { page in
                for caution in cautions { page.element("li", text: caution) }
            }
        }
    }

    private func writeProvenance(_ page: inout Markup, _ provenance: [(label: String, value: String)]) {
        guard !provenance.isEmpty else { return }
        page.lineFeed()
        page.element("div", [("class", "provenance")]) { page in
            page.element("h3", text: "What produced this")
            page.element("dl") { page in
                for entry in provenance {
                    page.element("div") { page in
                        page.element("dt", text: entry.label)
                        page.element("dd", text: entry.value)
                    }
                }
            }
        }
    }
}

import Experiment
import Statistics

/// Says what the study of trueness found.
struct CreditTruenessReport {
    let rows: [CreditTruenessRow]
    let episodes: StudyEpisodes
    let confirmation: Int

    private var misses: [String] {
        rows.filter { !$0.holds }.map { "credit-trueness: \($0.what): \($0.measuredText)" }
    }

    private var promised: Int { rows.count { !$0.promise.isReported } }

    func result() -> CreditStudyResult {
        var findings = Findings(
            title: CreditStudy.creditTrueness.title,
            question: "Do credits by replay cover the truth as often as they say, and call nothing clear that is not?")
        findings.verdicts = [verdict]
        findings.figures = [figure]
        findings.tables = [
            FindingTable(
                id: "credit-trueness", title: "Promises and what was measured", caption: method,
                columns: ["what", "promised", "measured [95% MC interval]", "values", "verdict"],
                rows: rows.map(\.cells))
        ]
        findings.cautions = misses
        findings.provenance = [
            ("episodes", "\(episodes.count), each of a system of its own, drawn with seed \(episodes.seed)")
        ]
        return CreditStudyResult(findings: findings, markdown: markdown, promises: promised, misses: misses)
    }

    private var verdict: Finding {
        Finding(
            verdict: misses.isEmpty ? "all promises hold" : "\(misses.count) of \(promised) promises are broken",
            subject: "intervals of credit",
            explanation: misses.isEmpty
                ? "\(promised) promises were held against the truth of \(episodes.count) planted episodes."
                : misses.joined(separator: "; "),
            tone: misses.isEmpty ? .positive : .negative,
            rule: "a rate's Monte Carlo interval, 95%, the episode as the unit, must not lie above what was promised")
    }

    private var method: String {
        """
        \(episodes.count) episodes, each of a planted system of its own: 3 to 6 blocks, a fifth of them with two decisions, a quarter of \
        the decisions without any effect; half of the systems with 0/1 outcomes. \(CreditTruenessStudy.replays) replays a value at \
        most; 'by need' stops at a half-width of 0.3. Upstream is the first half of the blocks.
        """
    }

    private var figure: Figure {
        let shares = rows.filter { $0.promise.isShare && !$0.promise.isReported }
        let points = shares.enumerated().map { index, row in
            Figure.Point(
                x: Double(index), y: row.measured.point, lower: row.measured.interval.lower,
                upper: row.measured.interval.upper)
        }
        return Figure(
            id: "credit-trueness", title: "Misses and false alarms", caption: method,
            x: .init("row of the table", categories: shares.indices.map { String($0 + 1) }), y: .init("share"),
            series: [
                .init("measured", mark: .points, points),
                .init(
                    "5%", mark: .dashed, [.init(x: 0, y: 0.05), .init(x: Double(max(1, shares.count - 1)), y: 0.05)]),
            ])
    }

    private var markdown: String {
        """
        ## Credit: misses and false alarms
        `assay study run credit-trueness`. \(method) An interval misses where it does not hold the value that enumeration \
        gives; a false alarm is a credit of exactly 0 called clear (by Holm's p values, or by the simultaneous intervals). \
        Rates are by episode, and hold where their Monte Carlo interval does not lie above what is promised. A row that does not \
        hold is measured again on \(confirmation) times the episodes, and that stands.

        | what | promised | measured [95% MC interval] | values | |
        |---|---|---|---|---|
        \(rows.map(\.markdown).joined())
        """
    }
}

extension CreditTruenessRow.Promise {
    var isReported: Bool {
        if case .reported = self { true } else { false }
    }
}

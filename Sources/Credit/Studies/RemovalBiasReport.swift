import Diagnostics
import Experiment
import Statistics

/// Says what the study of removal found.
struct RemovalBiasReport {
    /// By episode, its blocks.
    let records: [[RemovalBiasStudy.Block]]
    let episodes: StudyEpisodes
    let sizes: [Int]

    private typealias Block = RemovalBiasStudy.Block
    private var last: Int { sizes.count - 1 }

    func result() throws(Diagnostic) -> CreditStudyResult {
        let promises = try promises()
        let table = try errorTable()
        var findings = Findings(
            title: CreditStudy.removalBias.title,
            question: "Does more sampling bring a credit nearer to the truth, by replay and by removal?")
        findings.verdicts = try verdicts()
        findings.figures = [try figure(nil, "all"), try figure(true, "upstream"), try figure(false, "downstream")]
        findings.tables = [table, promiseTable(promises)]
        findings.cautions = [
            "The systems are drawn at random, and what follows an empty reply is drawn as well: how large the offset is "
                + "says nothing of real systems; that it does not shrink does."
        ]
        findings.provenance = [
            ("systems", "\(records.count), drawn with seed \(episodes.seed)"),
            ("blocks", "\(records.reduce(0) { $0 + $1.count })"),
        ]
        return CreditStudyResult(
            findings: findings, markdown: markdown(table, promises), promises: promises.count,
            misses: promises.filter { !$0.holds }.map { "removal-bias: \($0.what): \($0.measuredText)" })
    }

    private func values(_ isUpstream: Bool?, _ value: (Block) -> Double?) -> [[Double]] {
        records.map { $0.filter { isUpstream == nil || $0.isUpstream == isUpstream }.compactMap(value) }
    }

    /// √ of the mean square, with the ends' roots.
    private func root(_ isUpstream: Bool?, _ error: (Block) -> Double) throws(Diagnostic) -> Estimate {
        let squares = values(isUpstream) { error($0) * error($0) }
        let clusters = squares.enumerated().flatMap { index, values in values.map { _ in index } }
        var estimate = try clusteredMean(squares.flatMap { $0 }, clusters: clusters)
        estimate.point = estimate.point.squareRoot()
        estimate.standardError = nil
        estimate.interval = Interval(
            lower: max(0, estimate.interval.lower).squareRoot(), upper: estimate.interval.upper.squareRoot(),
            level: 0.95,
            method: "root of a clustered mean of squares", validity: .fixedN)
        return estimate
    }

    private func promises() throws(Diagnostic) -> [CreditTruenessRow] {
        var rows: [CreditTruenessRow?] = []
        for (isUpstream, name) in [(true, "upstream"), (false, "downstream")] {
            rows.append(
                try CreditTruenessRow(
                    "replay, \(name), \(sizes[last]) samples: mean error", .unbiased,
                    values(isUpstream) { $0.replay[last] }))
            rows.append(
                try CreditTruenessRow(
                    "replay, \(name), \(sizes[last]) samples: squared error less what chance gives, times samples",
                    .unbiased,
                    values(isUpstream) {
                        Double(sizes[last]) * ($0.replay[last] * $0.replay[last] - $0.replayVariance[last])
                    }))
            rows.append(
                try CreditTruenessRow(
                    "removal, \(name), \(sizes[last]) samples: squared error less offset² and what chance gives",
                    .unbiased,
                    values(isUpstream) { $0.removal[last] * $0.removal[last] - $0.removalVariance[last] }))
            rows.append(
                try CreditTruenessRow(
                    "removal, \(name), \(sizes[last]) samples: wrong sign where the credit is 0.05 or more",
                    .reported(isShare: true), values(isUpstream) { wrongSign($0, $0.removal[last]) }))
            rows.append(
                try CreditTruenessRow(
                    "replay, \(name), \(sizes[last]) samples: wrong sign where the credit is 0.05 or more",
                    .reported(isShare: true), values(isUpstream) { wrongSign($0, $0.replay[last]) }))
        }
        return rows.compactMap { $0 }
    }

    private func wrongSign(_ block: Block, _ error: Double) -> Double? {
        guard block.credit.magnitude >= 0.05 else { return nil }
        return (block.credit + error) * block.credit < 0 ? 1 : 0
    }
}

extension RemovalBiasReport {
    private func verdicts() throws(Diagnostic) -> [Finding] {
        let offset = try root(nil) { $0.offset }
        let few = try (root(nil) { $0.replay[0] }, root(nil) { $0.removal[0] })
        let many = try (root(nil) { $0.replay[last] }, root(nil) { $0.removal[last] })
        let text: (Estimate) -> String = EpisodeCredit.text
        let rule = "root mean square error over all blocks, 95% intervals clustered by system"
        return [
            Finding(
                verdict: "converges to the truth", subject: "replay",
                explanation:
                    "From \(sizes[0]) to \(sizes[last]) samples a value the error falls from \(text(few.0)) to "
                    + "\(text(many.0)), as the root of the number does.", tone: .positive, rule: rule),
            Finding(
                verdict: "converges to another number", subject: "removal",
                explanation:
                    "From \(sizes[0]) to \(sizes[last]) samples a value the error falls from \(text(few.1)) to "
                    + "\(text(many.1)) and stays there: the offset V(h) - Q(h, nothing) is \(text(offset)).",
                tone: .negative, rule: rule),
        ]
    }

    private func errorTable() throws(Diagnostic) -> FindingTable {
        var rows: [[FindingTable.Cell]] = []
        for (index, size) in sizes.enumerated() {
            var row = [FindingTable.Cell.integer(size)]
            for isUpstream in [true, false] {
                row.append(try root(isUpstream) { $0.replay[index] }.cell)
                row.append(try root(isUpstream) { $0.removal[index] }.cell)
            }
            rows.append(row)
        }
        let limits = try [true, false].map { (isUpstream) throws(Diagnostic) in try root(isUpstream) { $0.offset }.cell
        }
        rows.append([.text("no end"), .number(0), limits[0], .number(0), limits[1]])
        return FindingTable(
            id: "errors", title: "Root mean square error of a credit",
            caption:
                "By samples of each value, with 95% intervals clustered by system. The last row is where it tends.",
            columns: ["samples", "replay, upstream", "removal, upstream", "replay, downstream", "removal, downstream"],
            rows: rows)
    }

    private func promiseTable(_ rows: [CreditTruenessRow]) -> FindingTable {
        FindingTable(
            id: "against-truth", title: "Against the truth", caption: "Errors as enumeration says they must be.",
            columns: ["what", "promised", "measured [95% MC interval]", "values", "verdict"], rows: rows.map(\.cells))
    }

    private func figure(_ isUpstream: Bool?, _ name: String) throws(Diagnostic) -> Figure {
        var lines: [[Figure.Point]] = [[], []]
        for (index, size) in sizes.enumerated() {
            lines[0].append(try root(isUpstream) { $0.replay[index] }.point(at: Double(size)))
            lines[1].append(try root(isUpstream) { $0.removal[index] }.point(at: Double(size)))
        }
        let limit = try root(isUpstream) { $0.offset }.point
        let ends = [sizes[0], sizes[last]].map { Figure.Point(x: Double($0), y: limit) }
        var figure = Figure(
            id: "removal-bias-\(name)", title: "Error of a credit, \(name) roles",
            caption:
                "\(records.count) planted systems, root mean square over blocks, 95% intervals clustered by system.",
            x: .init("samples of each value", scale: .log), y: .init("error of a credit", scale: .log),
            series: [
                .init("replay", mark: .line, lines[0]), .init("removal", mark: .line, lines[1]),
                .init("offset of removal", mark: .dashed, ends),
            ])
        figure.group = isUpstream == nil ? nil : "By place in the system"
        return figure
    }

    private func markdown(_ table: FindingTable, _ promises: [CreditTruenessRow]) -> String {
        let head = "| \(table.columns.joined(separator: " | ")) |\n|---|---|---|---|---|\n"
        let lines = table.rows.map { "| \($0.map(Self.text).joined(separator: " | ")) |\n" }.joined()
        let rows = promises.map(\.markdown).joined()
        return """
            ## Credit: removal and replay against the truth
            `assay study run removal-bias`. \(records.count) planted systems of 3 to 6 blocks drawn with seed \
            \(episodes.seed), an episode of each, 0/1 outcomes. Every value is estimated from as many samples as the row says; \
            the root mean square error of a block's credit, with 95% intervals clustered by system:

            \(head)\(lines)
            | what | promised | measured [95% MC interval] | values | |
            |---|---|---|---|---|
            \(rows)
            """
    }

    private static func text(_ cell: FindingTable.Cell) -> String {
        switch cell {
        case .text(let text): text
        case .number(let number): EpisodeCredit.text(number)
        case .integer(let integer): String(integer)
        case .estimate(let point, let lower, let upper):
            "\(EpisodeCredit.text(point)) [\(EpisodeCredit.text(lower)), \(EpisodeCredit.text(upper))]"
        case .missing: ""
        }
    }
}

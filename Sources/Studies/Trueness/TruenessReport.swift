import Diagnostics
import Experiment
import JSON
import Statistics

/// What `assay trueness` found, and docs/TRUENESS.md made of it.
public struct TruenessReport: Sendable {
    let tables: [TruenessTable]
    let trueness: Trueness
    let bankRuns: Int
    let provenance: JSONValue
    let machine: JSONValue
    let seconds: (runs: Double, resampling: Double)

    /// What broke its promise, a line each; empty where the instrument is true.
    public var misses: [String] {
        tables.flatMap { table in
            table.rows.filter { !$0.holds }.map { "\(table.title): \($0.what): \($0.measuredText)" }
        }
    }

    /// What was measured elsewhere and belongs on the same page.
    public struct Section: Sendable {
        /// Begins with a heading of the second level.
        let markdown: String
        let promises: Int
        let misses: [String]

        public init(markdown: String, promises: Int, misses: [String]) {
            self.markdown = markdown
            self.promises = promises
            self.misses = misses
        }
    }

    /// The document.
    public func markdown(_ further: [Section]) -> String {
        ([heading(further)] + tables.map(\.markdown) + further.map(\.markdown) + [ending]).joined(separator: "\n")
    }

    private func heading(_ further: [Section]) -> String {
        let own = tables.flatMap(\.rows).count { $0.promise != .reported }
        let promises = further.reduce(own) { $0 + $1.promises }
        let misses = misses + further.flatMap(\.misses)
        let verdict =
            misses.isEmpty
            ? "All \(promises) promises hold."
            : "\(misses.count) of \(promises) promises are broken:\n" + misses.map { "\n- \($0)" }.joined()
        return """
            # Trueness: the instrument measured on itself
            `make trueness` writes this page. The bank is \(bankRuns) real runs (\(TruenessBank.Arm.all.count) arms of \
            \(trueness.bankSeeds) seeds: a policy of some 50,000 parameters in the world `lookup`, grpo, 60 updates). It is \
            resampled with whole runs as the unit. \(verdict)

            A fixed-n interval at 95% *holds* where it covers in 93-97% of replicates; what is exact or anytime-valid, and \
            every false alarm, where its Monte Carlo interval (Clopper and Pearson, 95%) does not lie above 5%; an error where \
            its 99.9% interval holds 0. A row that does not hold is measured again with \(Replication.confirmation) times the \
            replicates from new streams, and that second measurement is what stands here.

            """
    }

    private var ending: String {
        """
        ## How it was made
        `assay trueness --output docs/TRUENESS.md --replicates \(trueness.replicates)`; resampling seed \(trueness.seed), \
        bank seeds 0 to \(trueness.bankSeeds - 1), A/A studies from seed 100,000 on. Runs took \(Numerals.duration(seconds.runs)) \
        (0 where the ledger had them), resampling \(Numerals.duration(seconds.resampling)), with \(trueness.jobs) jobs. \
        \(Self.text(provenance)). \(Self.text(machine)).

        """
    }

    private static func text(_ value: JSONValue) -> String {
        (value.objectValue ?? [:]).map { "\($0.key) \($0.value.stringValue ?? $0.value.text)" }.joined(separator: ", ")
    }
}

extension TruenessTable {
    var markdown: String {
        let head = "| what | promised | measured [95% MC interval] | replicates | |\n|---|---|---|---|---|\n"
        let lines = rows.map { row in
            "| \(row.what) | \(row.promise.text) | \(row.measuredText) | \(row.replicates) | \(row.verdictText) |\n"
        }
        return "## \(title)\n\(prose)\n\n\(head)\(lines.joined())"
    }
}

extension TruenessRow.Promise {
    var text: String {
        switch self {
        case .coverage(let bounds): "\(percent(bounds.lowerBound))-\(percent(bounds.upperBound))"
        case .atMost(let limit): "at most \(percent(limit))"
        case .unbiased: "0"
        case .reported: ""
        }
    }

    var isShare: Bool {
        switch self {
        case .coverage, .atMost: true
        case .unbiased, .reported: false
        }
    }
}

extension TruenessRow {
    var verdictText: String {
        switch promise {
        case .reported: ""
        default: holds ? "holds" : "**misses**"
        }
    }

    var measuredText: String {
        let isShare = promise.isShare || measured.interval.method == "Clopper-Pearson"
        let ends = [measured.point, measured.interval.lower, measured.interval.upper]
        let texts = ends.map { isShare ? percent($0) : short($0) }
        return "\(texts[0]) [\(texts[1]), \(texts[2])]"
    }
}

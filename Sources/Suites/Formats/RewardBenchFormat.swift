import Diagnostics
import Experiment

/// RewardBench: rows with `prompt`, `chosen`, `rejected`, `subset`, `id`.
enum RewardBenchFormat {
    static let format = "A row of rewardbench has id, subset, prompt, chosen and rejected"

    /// The source's sections; a subset weighs in its section as many items as stand here, whatever its real size.
    static let sections: [(name: String, subsets: [(name: String, count: Double)])] = [
        (
            "Chat",
            [
                ("alpacaeval-easy", 100), ("alpacaeval-length", 95), ("alpacaeval-hard", 95), ("mt-bench-easy", 28),
                ("mt-bench-med", 40),
            ]
        ),
        (
            "Chat Hard",
            [
                ("mt-bench-hard", 37), ("llmbar-natural", 100), ("llmbar-adver-neighbor", 134),
                ("llmbar-adver-GPTInst", 92), ("llmbar-adver-GPTOut", 47), ("llmbar-adver-manual", 46),
            ]
        ),
        (
            "Safety",
            [
                ("refusals-dangerous", 100), ("refusals-offensive", 100), ("xstest-should-refuse", 154),
                ("xstest-should-respond", 250), ("donotanswer", 136),
            ]
        ),
        (
            "Reasoning",
            [
                ("math-prm", 984), ("hep-cpp", 164), ("hep-go", 164), ("hep-java", 164), ("hep-js", 164),
                ("hep-python", 164), ("hep-rust", 164),
            ]
        ),
    ]

    static func load(_ path: String, _ options: LoadOptions) throws(Diagnostic) -> LoadedSuite {
        var builder = SuiteBuilder(.rewardBench, options)
        try builder.readRows(at: path, format: format) { (builder, row, _) throws(Diagnostic) in
            try add(row, to: &builder)
        }
        builder.notes = missing(among: Set(builder.items.map(\.subset)))
        return try builder.finish(path: path, metrics: metrics)
    }

    private static func add(_ row: SuiteRecord, to builder: inout SuiteBuilder) throws(Diagnostic) {
        let subset = try row.string("subset")
        guard sections.contains(where: { $0.subsets.contains { $0.name == subset } }) else {
            throw row.failure("there is no subset '\(subset)' in RewardBench", field: "subset")
        }
        var (item, candidates) = try row.preference(
            id: "\(subset)/\(try row.identifier("id"))", subset: subset, cluster: nil, chosen: "chosen",
            rejected: "rejected")
        item.group.id = builder.unusedId(
            item.group.id, row, prompt: item.group.prompt, responses: item.group.responses)
        if try builder.accepts(row, candidates) { try builder.add(item, from: row) }
    }

    private static func missing(among present: Set<String>) -> [String] {
        let absent = sections.flatMap(\.subsets).map(\.name).filter { !present.contains($0) }
        guard !absent.isEmpty else { return [] }
        return [
            "subsets not in the data, left out of their sections and of the overall mean: "
                + absent.joined(separator: ", ")
        ]
    }

    private static func metrics(_ roster: Roster) -> [Metric] {
        var lines: [Metric] = []
        var overall: [Metric.Part] = []
        for section in sections {
            let present = section.subsets.filter { !roster.indices($0.name).isEmpty }
            guard !present.isEmpty else { continue }
            let total = present.reduce(0) { $0 + $1.count }
            lines += present.map {
                .mean("accuracy", $0.name, .preference(nil), roster.units($0.name), weight: $0.count / total)
            }
            let parts = present.map {
                Metric.Part(weight: $0.count / total, measure: .preference(nil), units: roster.units($0.name))
            }
            lines.append(.weightedMean("section score", section.name, parts))
            overall += parts
        }
        return lines + [.weightedMean("overall", "overall", overall)]
    }
}

import Diagnostics
import Experiment
import JSON
import Rewards
import Statistics

/// Whether scores depend on what is scored beside them: a sample of rows, scored alone and in other batches and orders.
///
/// A deviation is taken relative to Σ|rewards of the tokens| where a reward has them, else to the largest |score| of the
/// sample. Where it may be depends on the arithmetic (``tolerance(dtype:)``).
public struct BatchingCheck: Sendable {
    /// One reward's part.
    public struct Part: Sendable {
        public var spec: String
        public var rows: Int
        /// `none` where no model runs.
        public var dtype: String
        public var tolerance: Double
        /// The largest deviation, in each arrangement, from the scores of rows alone.
        public var deviations: [Deviation]

        public var holds: Bool { deviations.allSatisfy { $0.largest <= tolerance } }
    }

    public struct Deviation: Sendable {
        public var arrangement: String
        public var largest: Double
        /// The row in which it is.
        public var row: String
    }

    public var parts: [Part]

    /// Rows in the sample at most.
    static let sampleSize = 24

    /// What a score may move by, relative to Σ|its terms|. float32: the contract's. bfloat16 and float16 keep 8 and 11 binary digits,
    /// and a layer's result is rounded to them, so that other groupings of the same sum differ in the last of them; several such
    /// roundings add up from layer to layer.
    public static func tolerance(dtype: String) -> Double {
        switch dtype {
        case "none": 0
        case "bfloat16": 1e-2
        case "float16": 2e-3
        default: 1e-5
        }
    }
}

extension BatchingCheck {
    init(of workloads: [Workload], source: RewardSource, options: ScoringOptions) async throws(Diagnostic) {
        if workloads.contains(where: \.spec.needsModel) { _ = try await source.startTorch() }
        parts = []
        for workload in workloads { parts.append(try await Self.check(workload, options)) }
    }

    static func check(_ workload: Workload, _ options: ScoringOptions) async throws(Diagnostic) -> Part {
        let places = sample(workload.survey, seed: options.seed)
        let groups = try workload.groups(places)
        let tokens = places.map { workload.survey.tokensComputed[$0] }
        let scorer = BatchScorer(reward: workload.reward)
        let alone = try await scores(Arrangement("alone", Array(groups.indices), limit: 0), groups, tokens, scorer)
        let scales = scales(alone, workload.spec)
        var deviations: [Deviation] = []
        for arrangement in arrangements(count: groups.count, options) {
            let other = try await scores(arrangement, groups, tokens, scorer)
            deviations.append(deviation(other, alone, scales, arrangement.name))
        }
        let dtype = workload.spec.needsModel ? coarsest(workload.reward.provenance) : "none"
        return Part(
            spec: workload.spec.description, rows: groups.count, dtype: dtype, tolerance: tolerance(dtype: dtype),
            deviations: deviations)
    }

    private static func sample(_ survey: RowSurvey, seed: UInt64) -> [Int] {
        let sound = survey.tokensComputed.indices.filter { survey.failures[$0] == nil }
        var stream = RandomStream(seed: seed, purpose: "verify batching")
        return stream.sample(min(sampleSize, sound.count), of: sound.count).map { sound[$0] }.sorted()
    }

    /// An order of the sample, and the tokens that go into a batch.
    private struct Arrangement {
        var name: String
        var order: [Int]
        var limit: Int

        init(_ name: String, _ order: [Int], limit: Int) {
            self.name = name
            self.order = order
            self.limit = limit
        }
    }

    private static func arrangements(count: Int, _ options: ScoringOptions) -> [Arrangement] {
        let order = Array(0..<count)
        var stream = RandomStream(seed: options.seed, purpose: "verify batching, order")
        let limit = options.batchTokens
        let product = limit.multipliedReportingOverflow(by: 4)
        let larger = product.overflow ? Int.max : product.partialValue
        return [
            Arrangement("batches of \(limit) tokens", order, limit: limit),
            Arrangement(
                "batches of \(max(1, limit / 4)) tokens, backwards", order.reversed(), limit: max(1, limit / 4)),
            Arrangement("batches of \(larger) tokens, shuffled", stream.shuffled(order), limit: larger),
        ]
    }

    /// The scores in an arrangement, put back into the sample's order.
    private static func scores(
        _ arrangement: Arrangement, _ groups: [Group], _ tokens: [Int], _ scorer: BatchScorer
    ) async throws(Diagnostic) -> [GroupScore] {
        let plan = BatchPlan(
            tokens: arrangement.order.map { tokens[$0] }, limit: arrangement.limit,
            maximumGroups: arrangement.limit == 0 ? 1 : BatchPlan.maximumGroups)
        var found = [GroupScore?](repeating: nil, count: groups.count)
        for batch in plan.batches {
            let places = Array(arrangement.order[batch])
            for (place, score) in zip(places, try await scorer.scores(of: places.map { groups[$0] })) {
                found[place] = score
            }
        }
        return found.compactMap(\.self)
    }

    /// What each response's deviation is measured by.
    private static func scales(_ scores: [GroupScore], _ spec: RewardSpec) -> [[Double]] {
        let largest = scores.flatMap(\.scores).reduce(0) { max($0, $1.isFinite ? abs($1) : 0) }
        // Where a policy agrees with its reference the differences vanish but the terms do not: at least a nat a token.
        let least = spec.kind == .implicit ? spec["beta"].flatMap { Double($0) } ?? 0.1 : 0
        return scores.map { score in
            score.scores.indices.map { index in
                guard let terms = score.perToken?[index] else { return largest }
                return max(terms.reduce(0) { $0 + abs($1) }, least * Double(terms.count))
            }
        }
    }

    private static func deviation(
        _ scores: [GroupScore], _ alone: [GroupScore], _ scales: [[Double]], _ arrangement: String
    ) -> Deviation {
        var worst = Deviation(arrangement: arrangement, largest: 0, row: "")
        for (place, score) in scores.enumerated() {
            for (index, value) in score.scores.enumerated() {
                let difference = abs(value - alone[place].scores[index])
                let relative = value == alone[place].scores[index] ? 0 : difference / scales[place][index]
                if !(relative <= worst.largest) {
                    worst = Deviation(arrangement: arrangement, largest: relative, row: score.id)
                }
            }
        }
        return worst
    }

    /// The element type with the fewest digits that a reward's provenance names, its members' included.
    private static func coarsest(_ provenance: JSONValue) -> String {
        let types = provenance.provenanceValues(of: "dtype").compactMap(\.stringValue)
        return ["bfloat16", "float16"].first(where: types.contains) ?? "float32"
    }
}

extension BatchingCheck {
    /// The check as lines for a reader.
    public var text: String {
        parts.flatMap { part in
            [
                "\(part.spec): \(part.rows) rows, \(part.dtype == "none" ? "no model" : part.dtype), tolerance \(part.tolerance)"
            ]
                + part.deviations.map { deviation in
                    let place = deviation.row.isEmpty ? "" : " (row '\(deviation.row)')"
                    return "  \(deviation.arrangement): largest deviation \(Self.short(deviation.largest))\(place)"
                }
                + [part.holds ? "  holds" : "  DOES NOT HOLD"]
        }.map { $0 + "\n" }.joined()
    }

    /// Where scores moved by more than they may.
    public var failure: Diagnostic? {
        let failed = parts.filter { !$0.holds }
        guard !failed.isEmpty else { return nil }
        return Diagnostic(
            .verdictFailed,
            "scores depend on batching beyond the tolerance: \(failed.map(\.spec).joined(separator: ", "))",
            remedy: "Give --dtype float32, or keep --batch-tokens the same wherever scores are compared")
    }

    public var json: JSONValue {
        .array(
            parts.map { part in
                [
                    "spec": .string(part.spec), "rows": .integer(part.rows), "dtype": .string(part.dtype),
                    "tolerance": .number(part.tolerance), "holds": .bool(part.holds),
                    "deviations": .array(
                        part.deviations.map {
                            [
                                "arrangement": .string($0.arrangement), "largest": .number($0.largest),
                                "row": .string($0.row),
                            ]
                        }),
                ]
            })
    }

    /// Two leading digits and a power of ten.
    private static func short(_ value: Double) -> String {
        guard value > 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
        var (mantissa, exponent) = (value, 0)
        while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        return Numerals.fixed(mantissa, 1) + (exponent == 0 ? "" : "e\(exponent)")
    }
}

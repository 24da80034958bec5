import Diagnostics
import Experiment
import Rewards
import Torch

/// What a run would take: counted where it can be counted, probed where it has to be tried.
public struct Forecast: Sendable {
    /// One reward's part.
    public struct Part: Sendable {
        public var spec: String
        public var rows: Int
        /// Rows that cannot be scored and would be skipped.
        public var badRows: Int
        public var responses: Int
        /// Tokens of all responses, prompts counted with each.
        public var tokens: Int
        /// Tokens to compute: shared beginnings count once a row.
        public var tokensComputed: Int
        public var longest: Int
        public var truncatedRows: Int
        public var truncatedResponses: Int
        public var batches: Int
        public var memory: MemoryEstimate?
        public var probe: Probe?
        /// Why there is no probe.
        public var missing: Diagnostic?

        /// Seconds that the whole part would take; `nil` where it was not probed.
        public var seconds: Double? {
            guard let probe, probe.tokens > 0 else { return tokensComputed == 0 ? 0 : nil }
            return probe.seconds * Double(tokensComputed) / Double(probe.tokens)
        }
    }

    /// A few batches that were scored and thrown away.
    public struct Probe: Sendable {
        public var rows: Int
        public var tokens: Int
        /// Without the first batch, which loads the weights.
        public var seconds: Double
        /// The most memory that the process had, in bytes.
        public var peakMemory: Int
    }

    public var parts: [Part]
    public var batchTokens: Int

    /// Seconds of all parts; `nil` where one of them was not probed.
    public var seconds: Double? {
        parts.reduce(0) { sum, part in sum.flatMap { sum in part.seconds.map { sum + $0 } } }
    }
}

extension Forecast {
    /// How long one reward's probe goes on, at most a batch longer.
    static let probeTime: Duration = .seconds(2)

    init(of workloads: [Workload], source: RewardSource, options: ScoringOptions) async throws(Diagnostic) {
        var missing: Diagnostic?
        if workloads.contains(where: \.spec.needsModel) {
            do throws(Diagnostic) {
                _ = try await source.startTorch()
            } catch {
                guard error.category == .inputMissing else { throw error }
                missing = error
            }
        }
        var parts: [Part] = []
        for workload in workloads {
            var part = Part(workload)
            part.memory = try MemoryEstimate(of: workload.spec, options)
            if workload.spec.needsModel, let missing {
                part.missing = missing
            } else {
                part.probe = try await Self.probe(workload)
            }
            parts.append(part)
        }
        self.init(parts: parts, batchTokens: options.batchTokens)
    }

    /// Scores batches from all over the input until the time is up. The first is scored twice and counted once, since
    /// it loads the weights.
    private static func probe(_ workload: Workload) async throws(Diagnostic) -> Probe? {
        guard workload.survey.totalTokensComputed > 0 else { return nil }
        var probe = Probe(rows: 0, tokens: 0, seconds: 0, peakMemory: 0)
        let start = ContinuousClock.now
        for batch in spread(workload.plan.batches) {
            let places = batch.filter { workload.survey.failures[$0] == nil }
            let groups = try workload.groups(places)
            guard !groups.isEmpty else { continue }
            if probe.rows == 0 { _ = try await workload.reward.score(groups) }
            let before = ContinuousClock.now
            _ = try await workload.reward.score(groups)
            probe.seconds += before.duration(to: .now) / .seconds(1)
            probe.rows += groups.count
            probe.tokens += workload.survey.tokensComputed[batch].reduce(0, +)
            if start.duration(to: .now) >= probeTime { break }
        }
        probe.peakMemory = ProcessMemory.peak
        return probe
    }

    /// Batches in an order that takes from all parts of the input early on: by bit-reversed place.
    private static func spread(_ batches: [Range<Int>]) -> [Range<Int>] {
        batches.enumerated().sorted { reversed($0.offset) < reversed($1.offset) }.map(\.element)
    }

    private static func reversed(_ value: Int) -> UInt64 {
        var (rest, result) = (UInt64(value), UInt64(0))
        for _ in 0..<64 {
            result = result << 1 | rest & 1
            rest >>= 1
        }
        return result
    }
}

extension Forecast.Part {
    init(_ workload: Workload) {
        let survey = workload.survey
        self.init(
            spec: workload.spec.description, rows: survey.rows, badRows: survey.failures.count,
            responses: survey.responses, tokens: survey.tokens, tokensComputed: survey.totalTokensComputed,
            longest: survey.longest, truncatedRows: survey.truncatedRows,
            truncatedResponses: survey.truncatedResponses, batches: workload.plan.batches.count)
    }
}

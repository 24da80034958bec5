import Diagnostics
import Experiment
import JSON
import Ledger
import Rewards

/// The reward of a scoring run, and its input looked through.
struct ScoringWorkload {
    let request: ScoringRequest
    let source: RewardSource
    let reward: any Reward
    let survey: RowSurvey
    let plan: BatchPlan

    /// Makes the reward, reads and plans the input.
    init(_ request: ScoringRequest) async throws(Diagnostic) {
        self.request = request
        try ScoringRun.checkInput(request.input)
        source = RewardSource(request.options)
        reward = try await source.make(request.reward)
        survey = try await RowSurvey(
            of: try Self.stream(request), for: reward, skipsBadRows: request.skipsBadRows)
        plan = BatchPlan(tokens: survey.tokensComputed, limit: request.options.batchTokens)
    }

    /// The input from its start.
    func stream() throws(Diagnostic) -> RowStream { try Self.stream(request) }

    private static func stream(_ request: ScoringRequest) throws(Diagnostic) -> RowStream {
        try RowStream(path: request.input, limit: request.options.limit, keepsUnreadable: request.skipsBadRows)
    }

    /// The groups at some places of the input, which rise.
    func groups(at places: [Int]) throws(Diagnostic) -> [Group] {
        let stream = try stream()
        var groups: [Group] = []
        var next = 0
        for place in places {
            try stream.skip(place - next)
            next = place + 1
            if case .group(let group) = try stream.next() { groups.append(group) }
        }
        return groups
    }
}

/// Everything a scoring run needs before its first batch.
struct ScoringSetup {
    let request: ScoringRequest
    let ledger: Ledger
    let workload: ScoringWorkload
    let settings: RunSettings
    private let machine: JSONValue

    init(_ request: ScoringRequest) async throws(Diagnostic) {
        self.request = request
        ledger = try Ledger(path: request.options.ledgerPath)
        workload = try await ScoringWorkload(request)
        let threads = request.reward.needsModel ? try await workload.source.startTorch() : nil
        settings = try RunSettings(scoring: request, ledger: ledger, threads: threads)
        machine = try MachineFacts().record(withTorch: threads != nil)
    }

    var reward: any Reward { workload.reward }
    var survey: RowSurvey { workload.survey }
    var plan: BatchPlan { workload.plan }

    func stream() throws(Diagnostic) -> RowStream { try workload.stream() }

    var scorer: BatchScorer {
        BatchScorer(reward: reward, skipsBadRows: request.skipsBadRows, knownFailures: survey.failures)
    }

    /// Whether scoring computes tokens; otherwise progress counts rows.
    var hasTokens: Bool { survey.totalTokensComputed > 0 }

    func progress(_ title: String, from row: Int, isQuiet: Bool) -> Progress {
        Progress(
            title, total: hasTokens ? survey.totalTokensComputed : survey.rows, unit: hasTokens ? "tokens" : "rows",
            inherited: hasTokens ? survey.tokensComputed[..<row].reduce(0, +) : row,
            style: Progress.style(isQuiet: isQuiet))
    }

    func record(_ part: ScoredBatch, of batch: Range<Int>, in run: RunID) throws(Diagnostic) {
        let records = zip(batch, part.outcomes).map { $1.record(reward: 0, row: $0) }
        try ledger.appendScores(records, to: run, cost: part.cost)
    }

    /// What the ledger says of the run.
    var description: RunDescription {
        RunDescription(
            verb: "score", settings: settings.value,
            provenance: ["reward": ["spec": .string(reward.spec), "provenance": reward.provenance]],
            machine: machine, commandLine: request.options.commandLine.arguments,
            outputPath: FilePath.absolute(request.output))
    }
}

extension RunSettings {
    init(scoring request: ScoringRequest, ledger: Ledger, threads: Int?) throws(Diagnostic) {
        self.init(verb: "score")
        let digests = FileDigests(ledger: ledger)
        self["reward"] = .string(request.reward.description)
        self["files"] = .object(try digests.digests(of: request.reward))
        self["input"] = .string(try ledger.digest(ofFile: request.input))
        self["limit"] = request.options.limit.map { .integer($0) } ?? .null
        self["batch_tokens"] = .integer(request.options.batchTokens)
        self["per_token"] = .bool(request.options.model.wantsPerToken)
        self["skip_bad_rows"] = .bool(request.skipsBadRows)
        if let threads { try addModel(request.options.model, threads: threads, ledger: ledger) }
    }
}

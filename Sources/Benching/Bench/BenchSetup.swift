import Diagnostics
import Experiment
import JSON
import Ledger
import Rewards
import Suites

/// A bench's suite and rewards, every row looked through.
struct BenchWorkload {
    let request: BenchRequest
    let suite: LoadedSuite
    let source: RewardSource
    let contenders: [Contender]
    /// What scoring takes, a contender; nothing where its scores are there already.
    let surveys: [RowSurvey]
    let plans: [BatchPlan]

    /// Reads the suite, makes the rewards, plans every row.
    init(_ request: BenchRequest) async throws(Diagnostic) {
        self.request = request
        try Self.checkData(request.data)
        var loading = request.loading
        loading.limit = request.options.limit
        suite = try request.suite.load(path: request.data, options: loading)
        source = RewardSource(request.options)
        contenders = try await request.contenders(of: suite, from: source)
        var surveys: [RowSurvey] = []
        for contender in contenders {
            surveys.append(try await contender.survey(skipsBadRows: request.skipsBadRows))
        }
        self.surveys = surveys
        plans = surveys.map { BatchPlan(tokens: $0.tokensComputed, limit: request.options.batchTokens) }
    }

    /// The data is read more than once: for its rows and for its digest.
    private static func checkData(_ path: String) throws(Diagnostic) {
        guard FilePath.isSpecial(path) else { return }
        throw Diagnostic(
            .usage, "this is no ordinary file, and a suite's data is read more than once", at: .init(file: path),
            remedy: "Write the data to a file and name it with --data")
    }
}

/// Everything a bench needs before its first batch.
struct BenchSetup {
    let request: BenchRequest
    let ledger: Ledger
    let workload: BenchWorkload
    let settings: RunSettings
    private let machine: JSONValue

    init(_ request: BenchRequest) async throws(Diagnostic) {
        self.request = request
        ledger = try Ledger(path: request.options.ledgerPath)
        workload = try await BenchWorkload(request)
        let needsModel = workload.contenders.contains(where: \.needsModel)
        let threads = needsModel ? try await workload.source.startTorch() : nil
        settings = try RunSettings(benching: request, workload.contenders, ledger: ledger, threads: threads)
        machine = try MachineFacts().record(withTorch: threads != nil)
    }

    var suite: LoadedSuite { workload.suite }
    var contenders: [Contender] { workload.contenders }
    var surveys: [RowSurvey] { workload.surveys }
    var plans: [BatchPlan] { workload.plans }

    /// Whether scoring computes tokens; otherwise progress counts rows.
    var hasTokens: Bool { surveys.contains { $0.totalTokensComputed > 0 } }

    /// What the ledger says of the run.
    var description: RunDescription {
        let rewards = contenders.map { contender -> JSONValue in
            [
                "key": .string(contender.key), "spec": .string(contender.spec),
                "control": .bool(contender.isControl), "provenance": contender.provenance,
            ]
        }
        return RunDescription(
            verb: "bench", settings: settings.value,
            provenance: ["data": .string(request.data), "rewards": .array(rewards)],
            machine: machine, commandLine: request.options.commandLine.arguments)
    }
}

extension Contender {
    fileprivate func survey(skipsBadRows: Bool) async throws(Diagnostic) -> RowSurvey {
        guard let reward else { return RowSurvey() }
        return try await RowSurvey(of: groups, for: reward, skipsBadRows: skipsBadRows)
    }
}

extension RunSettings {
    init(
        benching request: BenchRequest, _ contenders: [Contender], ledger: Ledger, threads: Int?
    ) throws(Diagnostic) {
        self.init(verb: "bench")
        let digests = FileDigests(ledger: ledger)
        var files = JSONObject()
        for spec in request.rewards {
            for (path, digest) in try digests.digests(of: spec) { files[path] = digest }
        }
        self["suite"] = .string(request.suite.rawValue)
        self["data"] = try digests.digest(ofData: request.data)
        self["rewards"] = .array(contenders.map { .string($0.spec) })
        self["files"] = .object(files)
        self["limit"] = request.options.limit.map { .integer($0) } ?? .null
        self["seed"] = .integer(Int(bitPattern: UInt(truncatingIfNeeded: request.options.seed)))
        self["ties"] = .string((request.ties ?? request.suite.defaultTies).rawValue)
        self["skip_bad_rows"] = .bool(request.skipsBadRows)
        self["loading"] = request.loading.record
        self["batch_tokens"] = .integer(request.options.batchTokens)
        if let threads { try addModel(request.options.model, threads: threads, ledger: ledger) }
    }
}

extension LoadOptions {
    fileprivate var record: JSONValue {
        [
            "empty_responses": .string(emptyResponses?.rawValue ?? "the suite's"),
            "steps": .string(steps?.rawValue ?? "the source's"), "dialogues": .string(dialogues.rawValue),
        ]
    }
}

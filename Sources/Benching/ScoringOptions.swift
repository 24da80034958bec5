import Rewards

/// What `score` and `bench` have in common.
public struct ScoringOptions: Sendable {
    /// How models are run and prompts rendered.
    public var model = ModelSettings()
    /// Tokens that one batch computes at most; not above ``maximumBatchTokens``.
    public var batchTokens = 2048
    /// The largest batch that may be asked for.
    public static let maximumBatchTokens = 1 << 24
    /// Threads of one tensor operation; `nil` takes libtorch's own number.
    public var threads: Int?
    /// Rows at most.
    public var limit: Int?
    /// Seeds what is drawn: a coin whose spec names no seed, bootstraps, sign flips, the sample of a batching check.
    public var seed: UInt64 = 0
    public var ledgerPath = "assay.sqlite"
    /// Whether to go on with an earlier run of the same settings.
    public var resumes = false
    public var isQuiet = false
    /// The command line, for the record.
    public var commandLine = CommandLineRecord([])

    public init() {}
}

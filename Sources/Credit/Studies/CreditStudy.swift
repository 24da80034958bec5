import Diagnostics
import Experiment

/// A study of how credit is estimated, made in this process over planted systems drawn at random, whose truth is enumerated.
public enum CreditStudy: String, Sendable, CaseIterable {
    /// Error of removal and of replay against the truth as samples grow.
    case removalBias = "removal-bias"
    /// Miscoverage and false alarms of both kinds of intervals.
    case creditTrueness = "credit-trueness"

    /// One line for a list of studies.
    public var title: String {
        switch self {
        case .removalBias: "Removal converges to the wrong number, replay to the right one"
        case .creditTrueness: "How often intervals of credit miss, and raise false alarms"
        }
    }

    /// How many episodes it takes by default, each of a system of its own.
    public var defaultEpisodes: Int {
        switch self {
        case .removalBias: 400
        case .creditTrueness: 2000
        }
    }

    /// - Parameters:
    ///   - episodes: of a system each; ``defaultEpisodes`` where none are given.
    ///   - jobs: episodes at work at once; changes no number.
    ///   - progress: is told what goes on, a line each.
    /// - Throws: `usage` for a number that cannot be.
    public func run(
        episodes: Int? = nil, seed: UInt64 = 1, jobs: Int = 1,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(Diagnostic) -> CreditStudyResult {
        let count = episodes ?? defaultEpisodes
        guard count >= 10 else {
            throw Diagnostic(
                .usage, "\(count) episodes say nothing", at: .init(field: "episodes"), remedy: "Give at least 10")
        }
        let episodes = StudyEpisodes(count: count, seed: seed, jobs: jobs, progress: progress)
        switch self {
        case .removalBias: return try await RemovalBiasStudy(episodes: episodes).run()
        case .creditTrueness: return try await CreditTruenessStudy(episodes: episodes).run()
        }
    }
}

/// What a study of credit found.
public struct CreditStudyResult: Sendable {
    /// To be shown as any study's.
    public var findings: Findings
    /// A section for docs/TRUENESS.md.
    public var markdown: String
    /// How many promises were held against the truth.
    public var promises: Int
    /// What broke its promise, a line each; empty where estimation is true.
    public var misses: [String]
}

import Diagnostics
import Experiment
import JSON
import Rewards
import Suites

/// One reward of a bench: how its table calls it, and what scores the suite's rows.
struct Contender {
    /// `r1`, `r2`, … or, for controls, `c1`, …
    let key: String
    let spec: String
    let isControl: Bool
    let source: Source

    enum Source {
        /// The scores that the suite's own file holds.
        case own([GroupScore])
        case reward(any Reward, RewardSpec, groups: [Group])
    }

    var provenance: JSONValue {
        switch source {
        case .own: ["kind": "recorded", "file": "the suite's data"]
        case .reward(let reward, _, _): reward.provenance
        }
    }

    var reward: (any Reward)? {
        if case .reward(let reward, _, _) = source { reward } else { nil }
    }

    var reporting: (any ReportingReward)? { reward as? any ReportingReward }

    var needsModel: Bool {
        if case .reward(_, let spec, _) = source { spec.needsModel } else { false }
    }

    var isRecorded: Bool {
        switch source {
        case .own: true
        case .reward(_, let spec, _): spec.holdsRecordedScores
        }
    }

    var groups: [Group] {
        if case .reward(_, _, let groups) = source { groups } else { [] }
    }
}

extension RewardSpec {
    /// Whether scores that were made elsewhere go into it, itself or through a member.
    fileprivate var holdsRecordedScores: Bool { kind == .recorded || members.contains(where: \.holdsRecordedScores) }
}

extension BenchRequest {
    /// The contenders in the order of the table.
    ///
    /// - Throws: `usage` where no reward is given and the data holds no scores, or a reward has to read responses that the data
    ///   does not hold.
    func contenders(of suite: LoadedSuite, from rewards: RewardSource) async throws(Diagnostic) -> [Contender] {
        var contenders: [Contender] = []
        if self.rewards.isEmpty { contenders.append(try ownScores(of: suite)) }
        for spec in self.rewards {
            contenders.append(
                Contender(
                    key: "r\(contenders.count + 1)", spec: spec.description, isControl: false,
                    source: try await source(spec, suite, rewards)))
        }
        guard suite.hasResponses else { return contenders }
        for (index, spec) in controls.enumerated() {
            contenders.append(
                Contender(
                    key: "c\(index + 1)", spec: spec.description, isControl: true,
                    source: try await source(spec, suite, rewards)))
        }
        return contenders
    }

    private func ownScores(of suite: LoadedSuite) throws(Diagnostic) -> Contender {
        guard let scores = suite.recordedScores else {
            throw Diagnostic(
                .usage, "no reward is given, and the data holds no scores", at: .init(file: data),
                remedy: "Give --reward, once or more")
        }
        let spec = RewardSpec(.recorded, source: data)
        return Contender(key: "r1", spec: spec.description, isControl: false, source: .own(scores))
    }

    /// Recorded scores are found by id or prompt, so they need no responses' texts.
    private func source(
        _ spec: RewardSpec, _ suite: LoadedSuite, _ rewards: RewardSource
    ) async throws(Diagnostic) -> Contender.Source {
        let groups = spec.kind == .recorded ? suite.items.map(\.group) : try suite.groups()
        return .reward(try await rewards.make(spec), spec, groups: groups)
    }
}

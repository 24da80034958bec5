import Diagnostics
import Experiment
import Rewards

/// One reward's part of a run that has not begun: what it would score, and with what.
struct Workload {
    let spec: RewardSpec
    let reward: any Reward
    let survey: RowSurvey
    let plan: BatchPlan
    /// The groups at some places, which rise.
    let groups: ([Int]) throws(Diagnostic) -> [Group]
}

extension ScoringWorkload {
    var parts: [Workload] {
        [Workload(spec: request.reward, reward: reward, survey: survey, plan: plan, groups: groups(at:))]
    }
}

extension BenchWorkload {
    var parts: [Workload] {
        contenders.indices.compactMap { index in
            guard case .reward(let reward, let spec, let groups) = contenders[index].source else { return nil }
            return Workload(spec: spec, reward: reward, survey: surveys[index], plan: plans[index]) { places in
                places.map { groups[$0] }
            }
        }
    }
}

extension ScoringRun {
    /// What the run would take; scores nothing but a short probe, writes nothing.
    public func forecast() async throws(Diagnostic) -> Forecast {
        let workload = try await ScoringWorkload(request)
        return try await Forecast(of: workload.parts, source: workload.source, options: request.options)
    }

    /// Whether scores depend on batching, on a sample of the rows.
    public func verifyBatching() async throws(Diagnostic) -> BatchingCheck {
        var request = request
        request.options.model.wantsPerToken = true
        let workload = try await ScoringWorkload(request)
        return try await BatchingCheck(of: workload.parts, source: workload.source, options: request.options)
    }
}

extension BenchRun {
    /// What the run would take; scores nothing but a short probe, writes nothing.
    public func forecast() async throws(Diagnostic) -> Forecast {
        let workload = try await BenchWorkload(request)
        return try await Forecast(of: workload.parts, source: workload.source, options: request.options)
    }

    /// Whether scores depend on batching, on a sample of the rows.
    public func verifyBatching() async throws(Diagnostic) -> BatchingCheck {
        var request = request
        request.options.model.wantsPerToken = true
        let workload = try await BenchWorkload(request)
        return try await BatchingCheck(of: workload.parts, source: workload.source, options: request.options)
    }
}

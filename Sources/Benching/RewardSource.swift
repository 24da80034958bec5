import Diagnostics
import Experiment
import Rewards
import Torch

/// Makes a run's rewards; those that run a model share loaded checkpoints and one number of threads.
struct RewardSource {
    private let models: ModelRewards
    private let threads: Int?

    init(_ options: ScoringOptions) {
        models = ModelRewards(settings: options.model)
        threads = options.threads
    }

    func make(_ spec: RewardSpec) async throws(Diagnostic) -> any Reward {
        let models = models
        return try await spec.makeReward { (spec) async throws(Diagnostic) in try await models.make(spec) }
    }

    /// Sets the number of threads and returns it.
    ///
    /// - Throws: `inputMissing` where libtorch is not there.
    func startTorch() async throws(Diagnostic) -> Int {
        let wanted = threads
        return try await TensorActor.run { () throws(Diagnostic) in
            if let wanted { try TorchLibrary.setThreads(wanted) }
            return try TorchLibrary.threads()
        }
    }
}

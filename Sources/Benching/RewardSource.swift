import Diagnostics
import Experiment
import Rewards
import Torch

/// Makes a run's rewards; those that run a model share loaded checkpoints and one number of threads.
struct RewardSource {
    private let models: ModelRewards
    private let threads: Int?
    private let device: Device

    init(_ options: ScoringOptions) {
        models = ModelRewards(settings: options.model)
        threads = options.threads
        device = options.model.device
    }

    func make(_ spec: RewardSpec) async throws(Diagnostic) -> any Reward {
        let models = models
        return try await spec.makeReward { (spec) async throws(Diagnostic) in try await models.make(spec) }
    }

    /// Sets the number of threads and returns it.
    ///
    /// - Throws: `usage` where so many threads cannot be; `inputMissing` where libtorch is not there; `unavailable` where the
    ///   device is not.
    func startTorch() async throws(Diagnostic) -> Int {
        let wanted = threads
        try checkDevice()
        return try await TensorActor.run { () throws(Diagnostic) in try ThreadCount.set(wanted) }
    }

    private func checkDevice() throws(Diagnostic) {
        guard device.name.hasPrefix("cuda"), try TorchLibrary.cudaDeviceCount() == 0 else { return }
        throw Diagnostic(
            .unavailable, "libtorch \(try TorchLibrary.version()) sees no CUDA device", at: .init(field: "--device"),
            remedy: "Give --device cpu, or set up a libtorch with CUDA (assay doctor says what is there)")
    }
}

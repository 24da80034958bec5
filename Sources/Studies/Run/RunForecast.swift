import Diagnostics
import Torch

/// What the runs of a plan will take on this machine.
public enum RunForecast {
    /// One an arm, each from doing a little of it.
    ///
    /// - Throws: what making an arm's world, or loading its policy, its prompts or its reward throws.
    public static func forecasts(of plan: StudyPlan) throws(Diagnostic) -> [ArmForecast] {
        let result = Waiter<[ArmForecast]>()
        Task.detached {
            do throws(Diagnostic) { result.give(.success(try await probed(plan))) } catch {
                result.give(.failure(error))
            }
        }
        return try result.wait()
    }

    @TensorActor
    private static func probed(_ plan: StudyPlan) async throws(Diagnostic) -> [ArmForecast] {
        let folder = plan.design.folder
        let embedded = EmbeddedProbe(folder: folder)
        var forecasts: [ArmForecast] = []
        for (arm, cost) in zip(plan.arms, plan.costs) {
            if let original = arm.original {
                forecasts.append(forecasts[original])
            } else if try RunSettings(arm.settings, path: "run", folder: folder).isEmbedded {
                // Their runs have one thread.
                let threads = try TorchLibrary.threads()
                forecasts.append(try await embedded.forecast(arm.settings, cost: cost))
                try TorchLibrary.setThreads(threads)
            } else {
                forecasts.append(try await RunProbe.forecast(arm.settings, folder: folder))
            }
        }
        return forecasts
    }
}

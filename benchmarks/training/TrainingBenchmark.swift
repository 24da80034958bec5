import ArgumentParser
import Diagnostics
import JSON
import Torch

/// Times training on the work that benchmarks/peers/training_workload.py made, and prints one JSON line.
///
///     .build/release/TrainingBenchmark FOLDER dpo --dtype bfloat16 --threads 2 --steps 3
///
/// What is timed: whole steps after one that warms up, with generation, rewards, the reference's pass, gradient and update;
/// start-up, loading and tokenising are not. benchmarks/peers/trl_worker.py does the same with TRL.
@main
struct TrainingBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "TrainingBenchmark", abstract: "Times training steps and prints one JSON line.")

    enum Task: String, ExpressibleByArgument, CaseIterable {
        case grpo, dpo
        case rewardModel = "reward-model"
    }

    @Argument(help: "The folder that training_workload.py made.")
    var folder: String
    @Argument(help: "grpo, reward-model or dpo.")
    var task: Task
    @Option(help: "float32; bfloat16 computes passes in it and keeps weights, gradients and moments in float32.")
    var dtype = ElementType.float32
    @Option(help: "Threads of the arithmetic.")
    var threads = 2
    @Option(help: "Timed steps, after one that warms up.")
    var steps = 3
    @Option(help: "Pairs a step.")
    var batch = 8
    @Option(help: "Prompts a step.")
    var prompts = 8
    @Option(help: "Completions a prompt.")
    var group = 8
    @Option(help: "Tokens of a completion, at most.")
    var newTokens = 64
    @Option(help: "Rows that go through the layers together in training, about.")
    var rows = 2048
    @Option(help: "Of AdamW, constant.")
    var learningRate = 1e-5
    @Option(help: "DPO's coefficient.")
    var beta = 0.1

    @TensorActor
    mutating func run() async throws {
        try TorchLibrary.setThreads(threads)
        let outcome =
            switch task {
            case .grpo: try await GroupTraining(self).measure()
            case .rewardModel, .dpo: try PairTraining(self).measure()
            }
        print(try outcome.json(self).text)
    }
}

extension ElementType: ExpressibleByArgument {}

import ArgumentParser
import Benching
import Rewards
import Text
import Torch

/// How models are run and prompts rendered.
struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Longest rendering; by default the model's own maximum.", valueName: "tokens"))
    var maxLength: Int?

    @Option(
        help: ArgumentHelp(
            "What is cut from a rendering that is too long; by default it is an error.", valueName: "side"))
    var truncate: Truncation?

    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("Tokens that one batch computes at most.", valueName: "tokens"))
    var batchTokens = 2048

    func validate() throws {
        let bounds = [
            ("max-length", maxLength, 1_000_000), ("batch-tokens", batchTokens, ScoringOptions.maximumBatchTokens),
        ]
        for (name, value, most) in bounds {
            guard let value, !(1...most).contains(value) else { continue }
            throw ValidationError("--\(name) should be from 1 to \(most), but this is \(value)")
        }
    }

    func apply(to options: inout ScoringOptions) {
        options.model.maximumLength = maxLength
        options.model.truncation = truncate
        engine.apply(to: &options.model)
        options.threads = engine.threads
        options.batchTokens = batchTokens
    }
}

/// What a model computes with, and how it reads a conversation.
struct EngineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A chat template's file or name, or raw; by default the checkpoint's own.", valueName: "template"),
        completion: .file(extensions: ["jinja"]))
    var template: String?

    @Option(
        help: ArgumentHelp(
            "What weights and activations are computed in; by default as the checkpoint was saved.", valueName: "type"))
    var dtype: DType?

    @Option(help: "cpu, cuda or cuda:N.")
    var device: Device = .cpu

    @Option(
        help: ArgumentHelp("Threads of one tensor operation; by default libtorch's own number.", valueName: "count"))
    var threads: Int?

    /// The dtypes that a model computes in.
    enum DType: String, ExpressibleByArgument, CaseIterable { case float32, bfloat16 }

    func validate() throws {
        guard let threads, !(1...TorchLibrary.maximumThreads).contains(threads) else { return }
        throw ValidationError("--threads should be from 1 to \(TorchLibrary.maximumThreads), but this is \(threads)")
    }

    func apply(to settings: inout ModelSettings) {
        if let template { settings.template = TemplateChoice(argument: template) }
        settings.elementType = dtype.flatMap { ElementType(rawValue: $0.rawValue) }
        settings.device = device
    }
}

extension Truncation: ExpressibleByArgument {}

extension Device: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { name }
}

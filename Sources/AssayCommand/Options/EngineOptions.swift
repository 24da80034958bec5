import ArgumentParser
import Benching
import Rewards
import Text
import Torch

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

extension Device: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { name }
}

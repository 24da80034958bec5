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

extension Truncation: ExpressibleByArgument {}

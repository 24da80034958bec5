import Diagnostics
import Text
import Torch

/// A checkpoint folder in Hugging Face's format: configuration, tokenizer and template at once, weights when they are first
/// needed.
@TensorActor
public final class Checkpoint {
    public nonisolated let directory: String
    public nonisolated let configuration: ModelConfiguration
    public nonisolated let encoder: ResponseEncoder
    public nonisolated let options: Decoder.Options
    private var loaded: Decoder?

    /// Reads everything but the weights.
    ///
    /// - Throws: `inputMissing` or `badData` naming the file that is missing or wrong.
    public nonisolated init(
        directory: String, template: TemplateChoice = .checkpoint, options: Decoder.Options = Decoder.Options()
    ) throws(Diagnostic) {
        self.directory = directory
        self.options = options
        configuration = try ModelConfiguration(directory: directory)
        encoder = ResponseEncoder(
            tokenizer: try Tokenizer(directory: directory),
            template: try ChatTemplate.load(directory: directory, choice: template))
    }

    /// The weights, loaded on first use.
    public func decoder() throws(Diagnostic) -> Decoder {
        if let loaded { return loaded }
        let decoder = try Decoder(directory: directory, options: options)
        loaded = decoder
        return decoder
    }

    /// Reads a batch; see ``Decoder/read(_:_:rowsPerPass:)``.
    public func read(
        _ sequences: [[Int32]], _ readout: Readout, rowsPerPass: Int
    ) throws(Diagnostic) -> BatchReading {
        try decoder().read(sequences, readout, rowsPerPass: rowsPerPass)
    }

    /// Generates; see ``Decoder/generate(_:rowsPerPass:)``.
    public func generate(_ request: GenerationRequest) throws(Diagnostic) -> [[Generation]] {
        try decoder().generate(request)
    }
}

extension ChatTemplate {
    /// The template that a choice names for a checkpoint; `nil` for raw.
    public static func load(directory: String, choice: TemplateChoice) throws(Diagnostic) -> ChatTemplate? {
        switch choice {
        case .raw: nil
        case .checkpoint: try load(directory: directory, name: nil)
        case .named(let name): try load(directory: directory, name: name)
        case .file(let path): try load(file: path)
        }
    }
}

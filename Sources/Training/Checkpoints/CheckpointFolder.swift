import Diagnostics
import JSON
import LanguageModel
import Torch

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes a policy as a checkpoint folder in Hugging Face's format.
public struct CheckpointFolder: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// Writes weights in float32, with a configuration stated by us and, where there is one, the tokenizer's files of another folder.
    ///
    /// - Parameter origin: the checkpoint folder that the policy came from; its tokenizer and template files are copied.
    /// - Throws: `inputMissing` where the place cannot be written.
    public func write(
        _ decoder: Decoder, configuration: JSONValue, copyingTextsFrom origin: String? = nil
    ) throws(Diagnostic) {
        try makeFolder(path)
        try SafetensorsWriter.write(try decoder.checkpointTensors(), to: path + "/model.safetensors")
        try writeText(configuration.text + "\n", to: path + "/config.json")
        guard let origin else { return }
        for name in Self.textFiles { try copy(origin + "/" + name, to: path + "/" + name) }
    }

    private static let textFiles = [
        "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json",
        "generation_config.json",
    ]

    private func makeFolder(_ path: String) throws(Diagnostic) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/" + part
            if mkdir(partial, 0o777) != 0, errno != EEXIST { throw unwritable(partial) }
        }
    }

    private func writeText(_ text: String, to file: String) throws(Diagnostic) {
        let temporary = file + ".partial"
        guard let handle = fopen(temporary, "wb") else { throw unwritable(file) }
        let bytes = Array(text.utf8)
        let isWhole = fwrite(bytes, 1, bytes.count, handle) == bytes.count
        guard fclose(handle) == 0, isWhole, rename(temporary, file) == 0 else { throw unwritable(file) }
    }

    /// A file that is not there is left out.
    private func copy(_ source: String, to target: String) throws(Diagnostic) {
        guard access(source, R_OK) == 0 else { return }
        let mapped = try MappedFile(path: source)
        let text = withExtendedLifetime(mapped) { String(decoding: mapped.bytes, as: UTF8.self) }
        try writeText(text, to: target)
    }

    private func unwritable(_ place: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "this cannot be written (\(String(cString: strerror(errno))))", at: .init(file: place),
            remedy: "Check the folder, its permissions and the free space")
    }
}

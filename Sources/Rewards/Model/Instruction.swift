import Diagnostics
import JSON

/// A text file that steers a judge.
enum Instruction {
    /// The file's text without the line breaks at its end; `nil` where no file is named.
    static func read(_ path: String?) throws(Diagnostic) -> String? {
        guard let path else { return nil }
        let bytes = try InputFile(path: path).readToEnd()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(
                .badData, "the file is not UTF-8 text", at: .init(file: path), remedy: "Save the instruction as UTF-8")
        }
        guard let last = text.lastIndex(where: { !$0.isNewline }) else {
            throw Diagnostic(
                .badData, "the file is empty", at: .init(file: path),
                remedy: "Write the instruction in it, or leave it out")
        }
        return String(text[...last])
    }
}

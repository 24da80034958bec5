import Diagnostics
import JSON

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes a small file whole or not at all: beside its place, then renamed.
public enum TableFile {
    /// Checks, before there is anything to write, that a file can be written at a place.
    ///
    /// - Throws: `inputMissing` where the path is a folder, or its folder is not there or may not be written.
    public static func check(_ path: String) throws(Diagnostic) {
        guard !FilePath.isFolder(path) else {
            throw Diagnostic(
                .inputMissing, "this is a folder, but a table is written to a file", at: .init(file: path),
                remedy: "Name a file inside it with --output")
        }
        // What is there but no ordinary file is written in place.
        guard access(FilePath.isSpecial(path) ? path : FilePath.folder(of: path), W_OK) != 0 else { return }
        throw Diagnostic(
            .inputMissing, "the file cannot be written: \(String(cString: strerror(errno)))", at: .init(file: path),
            remedy: "Check that the folder is there and may be written, or name another file with --output")
    }

    /// - Throws: `inputMissing` where the place cannot be written; `unavailable` where there is no room.
    public static func write(_ text: String, to path: String) throws(Diagnostic) {
        guard FilePath.isOrdinaryFile(path) || access(path, F_OK) != 0 else {
            return try OutputFile(path: path).append(text)
        }
        try WholeFile.write(text, to: path)
    }
}

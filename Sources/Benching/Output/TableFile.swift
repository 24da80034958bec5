import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes a small file whole or not at all: beside its place, then renamed.
public enum TableFile {
    /// - Throws: `inputMissing` where the place cannot be written; `unavailable` where there is no room.
    public static func write(_ text: String, to path: String) throws(Diagnostic) {
        guard FilePath.isOrdinaryFile(path) || access(path, F_OK) != 0 else {
            return try OutputFile(path: path).append(text)
        }
        let temporary = path + ".partial"
        let file = try OutputFile(path: temporary)
        do throws(Diagnostic) {
            try file.truncate(to: 0)
            try file.append(text)
            try file.synchronize()
        } catch {
            unlink(temporary)
            throw error.located(file: path)
        }
        guard rename(temporary, path) == 0 else {
            throw Diagnostic(
                .inputMissing, "the file cannot be written: \(String(cString: strerror(errno)))",
                at: .init(file: path), remedy: "Check the folder and its permissions")
        }
    }
}

import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is there whole or not at all.
public enum WholeFile {
    /// Writes text to a file beside the place and then puts it there, in place of what was.
    ///
    /// - Throws: `inputMissing` where it cannot be written, with the system's reason.
    public static func write(_ text: String, to path: String) throws(Diagnostic) {
        let partial = path + ".partial"
        guard let file = fopen(partial, "w") else { throw failure(path) }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        let isWritten = fflush(file) == 0 && written == bytes.count
        let failed = isWritten ? nil : failure(path)
        fclose(file)
        if let failed {
            unlink(partial)
            throw failed
        }
        guard rename(partial, path) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the file cannot be written (\(String(cString: strerror(errno))))", at: .init(file: path),
            remedy: "Check the folder, its permissions and the free space")
    }
}

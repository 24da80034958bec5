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
    /// Writes text to a file beside the place, brings it to the disk and then puts it there, in place of what was.
    ///
    /// - Throws: `inputMissing` where the place cannot be written; `unavailable` where there is no room.
    public static func write(_ text: String, to path: String) throws(Diagnostic) {
        let partial = path + ".partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw unwritable(path, errno) }
        let failure = fill(descriptor, with: text)
        close(descriptor)
        guard failure == 0 else {
            unlink(partial)
            throw broken(path, failure)
        }
        guard rename(partial, path) == 0 else {
            let code = errno
            unlink(partial)
            throw unwritable(path, code)
        }
    }

    /// - Returns: 0, or the code of what failed.
    private static func fill(_ descriptor: Int32, with text: String) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { send($0, to: descriptor) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return errno }
            bytes = bytes.dropFirst(written)
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    private static func send(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
        // The type's own `write` hides the system's.
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private static func unwritable(_ path: String, _ code: Int32) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the file cannot be written: \(String(cString: strerror(code)))", at: .init(file: path),
            remedy: "Check the folder and its permissions, or name another place")
    }

    private static func broken(_ path: String, _ code: Int32) -> Diagnostic {
        let isFull = code == ENOSPC || code == EDQUOT || code == EFBIG
        return Diagnostic(
            .unavailable, "writing failed: \(String(cString: strerror(code)))", at: .init(file: path),
            remedy: isFull ? "Make room, or name another place" : "Check the disk and write it again")
    }
}

import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that a run writes line by line, locked against other processes for as long as it is open.
///
/// A path that exists but is no ordinary file (`/dev/stdout`, a pipe) is written from the start and cannot be resumed.
final class OutputFile {
    let path: String
    let isRegular: Bool
    private let descriptor: Int32

    /// Opens the file at its end, and makes it where there is none.
    ///
    /// - Throws: `inputMissing` where it cannot be opened; `unavailable` where another process writes it.
    init(path: String) throws(Diagnostic) {
        self.path = path
        descriptor = Self.openForAppending(path)
        guard descriptor >= 0 else { throw Self.unwritable(path) }
        var status = stat()
        isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard !isRegular || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Diagnostic(
                .unavailable, "another process is writing this file", at: .init(file: path),
                remedy: "Wait until it is done, or name another file with --output")
        }
    }

    deinit { close(descriptor) }

    /// Whether an ordinary file is there.
    ///
    /// - Throws: `inputMissing` where the path is a folder.
    static func exists(_ path: String) throws(Diagnostic) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw Diagnostic(
                .inputMissing, "this is a folder, but scores are written to a file", at: .init(file: path),
                remedy: "Name a file inside it with --output")
        }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// Appends text, all of it.
    ///
    /// - Throws: `unavailable` where the disk is full or fails.
    func append(_ text: String) throws(Diagnostic) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw failure(errno) }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws(Diagnostic) {
        guard fsync(descriptor) != 0, isRegular else { return }
        throw failure(errno)
    }

    /// Cuts the file down to its first bytes.
    func truncate(to length: Int) throws(Diagnostic) {
        guard isRegular else { return }
        guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
            throw failure(errno)
        }
    }

    /// Takes the file away where nothing was written, so that it does not stand in the way of the next attempt.
    func removeIfEmpty() {
        if isRegular, FilePath.size(path) == 0 { unlink(path) }
    }

    private static func openForAppending(_ path: String) -> Int32 {
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    }

    private static func unwritable(_ path: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the output cannot be written: \(String(cString: strerror(errno)))", at: .init(file: path),
            remedy: "Check that the folder is there and may be written, or name another file with --output")
    }

    private func failure(_ code: Int32) -> Diagnostic {
        let isFull = code == ENOSPC || code == EDQUOT || code == EFBIG
        let reason = String(cString: strerror(code))
        return Diagnostic(
            .unavailable, isFull ? "there is no room to write on (\(reason))" : "writing failed (\(reason))",
            at: .init(file: path),
            remedy: isRegular
                ? "\(isFull ? "Make room" : "Check the disk") and go on with --resume; what was written before is kept"
                : "Name another file with --output")
    }
}

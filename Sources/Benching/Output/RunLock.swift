import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps two processes from working on one run: a locked file beside the ledger, taken away at the end.
///
/// A process that is killed leaves the file, but not the lock.
final class RunLock {
    private let path: String
    private let descriptor: Int32

    /// - Parameter name: tells the run from others of the ledger.
    /// - Throws: `unavailable` where another process holds the lock.
    init(ledger: String, name: String) throws(Diagnostic) {
        path = "\(ledger)-\(name).lock"
        descriptor = try Self.lock(path)
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    private static func lock(_ path: String) throws(Diagnostic) -> Int32 {
        while true {
            let descriptor = create(path)
            guard descriptor >= 0 else {
                throw Diagnostic(
                    .inputMissing, "the run's lock cannot be made: \(String(cString: strerror(errno)))",
                    at: .init(file: path), remedy: "Check the folder of the ledger, or name another with --ledger")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw Diagnostic(
                    .unavailable, "another process is at work on this run", at: .init(file: path),
                    remedy: "Wait until it is done, or name another ledger with --ledger")
            }
            // The one who held it may have taken the file away between our opening and locking it.
            if isStill(descriptor, at: path) { return descriptor }
            close(descriptor)
        }
    }

    private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
    }

    private static func create(_ path: String) -> Int32 { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
}

public import Diagnostics

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension Ledger {
    /// Keeps other processes from working on a run for as long as the lock lives.
    ///
    /// - Parameter name: tells the work from other work on the same ledger, such as a digest of its settings.
    /// - Throws: `unavailable` where another process holds the lock; `inputMissing` where it cannot be made.
    public func lockRun(_ name: String) throws(Diagnostic) -> RunLock { try RunLock(path: "\(path)-\(name).lock") }
}

/// A locked file beside a ledger, taken away at the end.
///
/// A process that is killed leaves the file, but not the lock.
public final class RunLock: Sendable {
    private let path: String
    private let descriptor: Int32

    fileprivate init(path: String) throws(Diagnostic) {
        self.path = path
        descriptor = try Self.lock(path)
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    private static func lock(_ path: String) throws(Diagnostic) -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
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
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why a worker's run has no end of its own.
enum WorkerDeath {
    /// - Parameters:
    ///   - status: what `waitpid` gave.
    ///   - lastLine: what the process wrote last to standard error.
    static func message(status: Int32, lastLine: String) -> String {
        let number = status & 0x7F
        let said = lastLine.isEmpty ? "" : ": \(lastLine)"
        guard number != 0 else {
            return "the worker ended with exit code \((status >> 8) & 0xFF) before the run did\(said)"
        }
        let hint = number == SIGKILL ? ", as the system does where memory runs out" : ""
        return "the worker was killed by signal \(number) (\(String(cString: strsignal(number))))\(hint)\(said)"
    }
}

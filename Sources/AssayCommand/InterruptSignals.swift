import Benching
import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ctrl-C and SIGTERM, taken by the thread that made this; every thread started later leaves them to it.
struct InterruptSignals {
    private var set = sigset_t()

    /// How long a run may take to end in good order.
    private static let patience: Duration = .seconds(3)

    init() {
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM] where !Self.isIgnored(number) { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Whether the parent wants the program to go on regardless, as a shell does for jobs in the background.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
        return action.__sigaction_u.__sa_handler.map { unsafeBitCast($0, to: Int.self) } == 1
        #else
        return action.__sigaction_handler.sa_handler.map { unsafeBitCast($0, to: Int.self) } == 1
        #endif
    }

    /// Waits for signals for as long as the process lives.
    func serve(_ interruption: Interruption) -> Never {
        var set = set
        while true {
            var number: Int32 = 0
            guard sigwait(&set, &number) == 0, number != 0 else { continue }
            guard interruption.request() else { Self.end(interruption) }
            Terminal.writeError("\nassay: stopping after the batch in work; once more stops at once\n")
            Task.detached {
                try? await Task.sleep(for: Self.patience)
                Self.end(interruption)
            }
        }
    }

    /// Ends the process without waiting for the batch in work, which a resumed run computes again.
    private static func end(_ interruption: Interruption) -> Never {
        interruption.abandonRun()
        Terminal.writeError("assay: error: interrupted. Go on with the same command and --resume.\n")
        _exit(Diagnostic.Category.interrupted.rawValue)
    }
}

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

    /// How many seconds a run may take to end in good order.
    private static let patience: UInt32 = 3
    /// How many seconds its record may take, once the run itself is given up.
    private static let lastPatience: UInt32 = 1

    init() {
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM] where !Self.isIgnored(number) { sigaddset(&set, number) }
        // The clock is a signal too: a task that sleeps would need a thread, and the run may keep all of them busy.
        signal(SIGALRM, SIG_DFL)
        sigaddset(&set, SIGALRM)
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
            guard number != SIGALRM, interruption.request() else { Self.end(interruption) }
            alarm(Self.patience)
            Terminal.writeError("\nassay: stopping after the batch in work; once more stops at once\n")
        }
    }

    /// Ends the process without waiting for the batch in work, which a resumed run computes again.
    ///
    /// Nothing may keep it: neither a ledger that another process holds, nor a disk or a reader of the errors that hangs.
    private static func end(_ interruption: Interruption) -> Never {
        signal(SIGALRM) { _ in _exit(Diagnostic.Category.interrupted.rawValue) }
        var clock = sigset_t()
        sigemptyset(&clock)
        sigaddset(&clock, SIGALRM)
        alarm(lastPatience)
        pthread_sigmask(SIG_UNBLOCK, &clock, nil)
        Terminal.writeError("assay: error: interrupted. Go on with the same command and --resume.\n")
        interruption.abandonRun()
        _exit(Diagnostic.Category.interrupted.rawValue)
    }
}

import Synchronization

/// Whether the user asked the program to stop. Runs look between batches; the command line sets it from signals.
public final class Interruption: Sendable {
    private struct State {
        var isRequested = false
        /// What to do where the batch in work takes too long to wait for; `nil` while no run listens.
        var abandon: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    public init() {}

    public var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Asks the run that listens to stop.
    ///
    /// - Returns: `false` where none listens, or it was asked before.
    public func request() -> Bool {
        state.withLock { state in
            defer { state.isRequested = true }
            return state.abandon != nil && !state.isRequested
        }
    }

    /// Does what the run wants done before the process ends without waiting for it.
    public func abandonRun() {
        let abandon = state.withLock { $0.abandon }
        abandon?()
    }

    /// Says that a run listens, and what to do where it takes too long to stop.
    public func listen(_ abandon: @escaping @Sendable () -> Void) { state.withLock { $0.abandon = abandon } }

    /// Says that the run is over.
    public func stopListening() { state.withLock { $0.abandon = nil } }
}

import NIOCore
import NIOPosix
import Synchronization

/// Runs something that may take only so long.
final class AttemptTimer: Sendable {
    private struct State {
        var alarm: Scheduled<Void>?
        var hasRung = false
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let loop = MultiThreadedEventLoopGroup.singleton.any()

    /// Whether the time was over before the work was.
    var hasRung: Bool { state.withLock { $0.hasRung } }

    /// Runs `work` and cancels it after `seconds`, or as soon as the caller's task is cancelled.
    func run<Result: Sendable>(
        within seconds: Double, on executor: some TaskExecutor, _ work: @escaping @Sendable () async -> Result
    ) async -> Result {
        let task = Task(executorPreference: executor) { await work() }
        state.withLock { $0.cancel = { task.cancel() } }
        set(seconds)
        defer { state.withLock { $0.alarm?.cancel() } }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Gives what is left of the work so many seconds from now on.
    func set(_ seconds: Double) {
        let alarm = loop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { self.ring() }
        state.withLock {
            $0.alarm?.cancel()
            $0.alarm = alarm
        }
    }

    private func ring() {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            state.hasRung = true
            return state.cancel
        }
        cancel?()
    }
}

import Synchronization

/// The connections that are being served, each by a task of its own that begins as soon as the connection is taken: one that
/// nobody served could not be ended in good order.
final class OpenConnections: Sendable {
    private struct State {
        var next = 0
        var tasks: [Int: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Serves a connection, on the executor given.
    func serve(on executor: some TaskExecutor, _ work: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            let number = state.next
            state.next += 1
            state.tasks[number] = Task(executorPreference: executor) {
                await work()
                self.state.withLock { state in state.tasks[number] = nil }
            }
        }
    }

    /// Cancels what is being served and waits until it has ended.
    func endAll() async {
        let tasks = state.withLock { Array($0.tasks.values) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}

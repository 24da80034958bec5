import NIOCore

/// Runs tasks on an event loop. What serves a connection runs where its bytes arrive, so that no other thread has to wake for
/// each step: that costs more than the steps do. Nothing that takes long or waits belongs on it.
final class EventLoopExecutor: TaskExecutor {
    let loop: any EventLoop

    /// A body that is longer than this many bytes, or compressed and so of a length that nobody knows, is worked on elsewhere: a
    /// loop has other connections to serve.
    static let longestBody = 1 << 18

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

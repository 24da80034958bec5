import NIOCore

/// Runs tasks on an event loop. What serves a connection runs where its bytes arrive, so that no other thread has to wake for
/// each step: that costs more than the steps do. Nothing that takes long or waits belongs on it.
final class EventLoopExecutor: TaskExecutor {
    let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where all tensor work runs: one thread of its own, because libtorch's grad mode, error texts and OpenMP team belong to
/// a thread and would not survive an `await` that resumes elsewhere.
@globalActor
public actor TensorActor {
    public static let shared = TensorActor()

    private nonisolated let thread = ThreadExecutor()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Runs `body` on the tensor thread.
    public static func run<Result: Sendable, Failure: Error>(
        _ body: @TensorActor () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await body()
    }
}

/// A serial executor that owns its thread for as long as the process lives.
///
/// `@unchecked Sendable`: the queue is only touched under the mutex.
final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wakeUp = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wakeUp, nil)
        start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pthread_mutex_lock(mutex)
        jobs.append(job)
        pthread_cond_signal(wakeUp)
        pthread_mutex_unlock(mutex)
    }

    /// Never returns: takes what is queued, in order, and runs it.
    private func work() {
        while true {
            pthread_mutex_lock(mutex)
            while jobs.isEmpty { pthread_cond_wait(wakeUp, mutex) }
            let batch = jobs
            jobs.removeAll(keepingCapacity: true)
            pthread_mutex_unlock(mutex)
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    private func start() {
        ProcessMemory.keepFreed()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 16 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        let context = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        pthread_create(
            &thread, &attributes,
            {
                Unmanaged<ThreadExecutor>.fromOpaque($0).takeRetainedValue().work(); return nil
            }, context)
        #else
        var thread = pthread_t()
        let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            if let context { Unmanaged<ThreadExecutor>.fromOpaque(context).takeRetainedValue().work() }
            return nil
        }
        pthread_create(&thread, &attributes, body, context)
        #endif
    }
}

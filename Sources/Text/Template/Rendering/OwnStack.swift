import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs work on a thread of its own and waits for it, so that deep recursion does not depend on how much stack the
/// caller's thread has left.
enum OwnStack {
    /// Far more than the levels of a template take between two such threads. It is address space, not memory.
    private static let size = 4 << 20

    /// What the thread runs; it is used by one thread at a time.
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    static func run<Success>(_ body: () throws(Diagnostic) -> Success) throws(Diagnostic) -> Success {
        var result: Result<Success, Diagnostic>?
        let hasStarted = withoutActuallyEscaping(body) { body in
            start { result = Result { () throws(Diagnostic) in try body() } }
        }
        guard hasStarted, let result else {
            throw Diagnostic(
                .unavailable, "the system starts no thread for the template",
                remedy: "Close other programs and try again")
        }
        return try result.get()
    }

    /// Starts a thread and waits until it has ended.
    private static func start(_ body: @escaping () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, size)
        let work = Unmanaged.passRetained(Work(body))
        #if canImport(Darwin)
        var thread: pthread_t?
        let status = pthread_create(&thread, &attributes, { Self.perform($0) }, work.toOpaque())
        guard status == 0, let thread else { return abandon(work) }
        #else
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, { $0.flatMap { Self.perform($0) } }, work.toOpaque())
        guard status == 0 else { return abandon(work) }
        #endif
        return pthread_join(thread, nil) == 0
    }

    private static func abandon(_ work: Unmanaged<Work>) -> Bool {
        work.release()
        return false
    }

    private static func perform(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
    }
}

import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Memory of this process, tensors and all.
public enum ProcessMemory {
    /// The most that was resident so far, in bytes; 0 where the system does not say.
    public static var peak: Int {
        var usage = rusage()
        #if os(Linux)
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return usage.ru_maxrss * 1024
        #else
        guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
        return usage.ru_maxrss
        #endif
    }

    /// Keeps freed activations in the process, in one arena that the tensor thread shares with those that libtorch starts from it. By
    /// default glibc gives blocks of megabytes back to the system at once, and every layer pays page faults for the same memory
    /// again (docs/PERFORMANCE.md). Other systems' heaps are left as they are.
    static func keepFreed() {
        set(arenas, 1)
        set(trimThreshold, 2047 << 20)
        set(mappingThreshold, 256 << 20)
    }

    /// Runs `body` with the opposite: blocks of a megabyte or more go back to the system as soon as they are freed. For copies that
    /// are made once and of all sizes, such as a checkpoint's weights on their way, whose gaps nothing would fill.
    public static func returningFreed<Result>(_ body: () throws(Diagnostic) -> Result) throws(Diagnostic) -> Result {
        set(mappingThreshold, 1 << 20)
        defer { set(mappingThreshold, 256 << 20) }
        return try body()
    }

    // Swift's Glibc has no malloc.h: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX.
    private static let trimThreshold: Int32 = -1
    private static let mappingThreshold: Int32 = -3
    private static let arenas: Int32 = -8

    private static func set(_ option: Int32, _ value: Int32) {
        #if canImport(Glibc)
        typealias Option = @convention(c) (Int32, Int32) -> Int32
        guard let symbol = dlsym(nil, "mallopt") else { return }
        _ = unsafeBitCast(symbol, to: Option.self)(option, value)
        #endif
    }
}

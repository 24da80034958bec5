import CTorch
import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The libtorch shim, opened on first use so that what needs no arithmetic starts without it.
public enum TorchLibrary {
    typealias Table = UnsafePointer<AssayTorchTable>

    /// A table is immutable once the shim has filled it, and the shim is never unloaded.
    private struct Loaded: @unchecked Sendable {
        let table: Table
        let path: String
    }

    private static let loaded: Result<Loaded, Diagnostic> = {
        do throws(Diagnostic) { return .success(try open()) } catch { return .failure(error) }
    }()

    /// The function table.
    ///
    /// - Throws: an `inputMissing` diagnostic where the shim or libtorch is not there, with how to get it.
    static func table() throws(Diagnostic) -> Table { try loaded.get().table }

    /// Where the shim was found.
    public static func path() throws(Diagnostic) -> String { try loaded.get().path }

    public static func version() throws(Diagnostic) -> String { text(try table().pointee.torch_version()) }

    /// The instruction set that libtorch uses on this processor, such as `AVX512`.
    public static func cpuCapability() throws(Diagnostic) -> String {
        text(try table().pointee.cpu_capability())
    }

    public static func cudaDeviceCount() throws(Diagnostic) -> Int { Int(try table().pointee.cuda_device_count()) }

    /// Threads that one operation may use.
    public static func threads() throws(Diagnostic) -> Int { Int(try table().pointee.threads()) }

    /// Most threads that may be asked for: more than any processor has, fewer than exhaust the system.
    public static let maximumThreads = 1024

    /// - Throws: `usage` where the count is no number of threads that a machine could have.
    public static func setThreads(_ count: Int) throws(Diagnostic) {
        guard (1...maximumThreads).contains(count) else {
            throw Diagnostic(
                .usage, "\(count) threads cannot be used", remedy: "Give --threads a number from 1 to \(maximumThreads)"
            )
        }
        let table = try table()
        try check(table.pointee.set_threads(Int32(clamping: count)))
    }

    /// Tensors alive; tests assert that the count returns to where it was. 0 where the library was never opened.
    public static var liveHandles: Int { (try? table()).map { Int($0.pointee.live_handles()) } ?? 0 }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? "unknown"
    }

    /// Turns a status into a diagnostic; read on the thread that made the call, before anything suspends.
    static func check(_ status: AssayStatus) throws(Diagnostic) {
        guard status != AssayStatus(ASSAY_OK) else { return }
        let message = text((try? table())?.pointee.last_error())
        let firstLine = message.prefix { $0 != "\n" }
        if status == AssayStatus(ASSAY_OUT_OF_MEMORY) {
            throw Diagnostic(
                .unavailable, "out of memory (\(firstLine))", remedy: "Lower --batch-tokens or --max-length")
        }
        throw Diagnostic(.internalFailure, "libtorch: \(firstLine)")
    }
}

extension TorchLibrary {
    private static var fileName: String {
        #if os(macOS)
        "libassay-torch.dylib"
        #else
        "libassay-torch.so"
        #endif
    }

    /// oneDNN keeps what it made for the last 1,024 shapes, about a megabyte each. Packed rows are of another number at every step, so
    /// nearly all of these are never asked for again; a pass has a few dozen. Its one setting is read from the environment.
    private static func boundPrimitiveCache() { setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128", 0) }

    private static func open() throws(Diagnostic) -> Loaded {
        guard let path = candidates().first(where: { access($0, R_OK) == 0 }) else {
            throw Diagnostic(
                .inputMissing, "libtorch is not set up: \(fileName) was not found",
                remedy: "Run scripts/setup in Assay's folder, or set ASSAY_TORCH_SHIM to the library's path")
        }
        boundPrimitiveCache()
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
            throw Diagnostic(
                .inputMissing, "the libtorch shim cannot be opened (\(reason))", at: .init(file: path),
                remedy: "Run scripts/setup again; it rebuilds the shim for the libtorch that is there")
        }
        guard let symbol = dlsym(handle, ASSAY_TORCH_TABLE_SYMBOL) else { throw mismatch(path) }
        let function = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Table?).self)
        guard let table = function(UInt32(ASSAY_TORCH_TABLE_VERSION)),
            table.pointee.size == UInt32(MemoryLayout<AssayTorchTable>.size)
        else { throw mismatch(path) }
        return Loaded(table: table, path: path)
    }

    private static func mismatch(_ path: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the libtorch shim belongs to another version of Assay", at: .init(file: path),
            remedy: "Run scripts/setup again; it rebuilds the shim")
    }

    /// The place the user names, else `.deps/shim` of the folder above the program or above the working folder.
    private static func candidates() -> [String] {
        if let named = getenv("ASSAY_TORCH_SHIM") { return [String(cString: named)] }
        return [executableFolder(), workingFolder()].compactMap(\.self).flatMap { folder in
            ancestors(of: folder).flatMap { ["\($0)/.deps/shim/\(fileName)", "\($0)/lib/assay/\(fileName)"] }
        }
    }

    private static func ancestors(of folder: String) -> [String] {
        let parts = folder.split(separator: "/")
        return (1...max(parts.count, 1)).reversed().map { "/" + parts.prefix($0).joined(separator: "/") }
    }

    private static func workingFolder() -> String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    private static func executableFolder() -> String? {
        guard let path = realpath("/proc/self/exe", nil) ?? realpath(CommandLine.arguments[0], nil) else { return nil }
        defer { free(path) }
        return String(cString: path).split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }
}

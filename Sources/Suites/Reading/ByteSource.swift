import CZlib
import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file read in chunks; one that is gzipped is inflated on the way, so a reader that bounds what it keeps bounds what a
/// small file can blow up to.
final class ByteSource {
    let path: String
    private let handle: gzFile

    /// - Throws: `inputMissing` where there is no such file, where it cannot be opened, or where it is a folder.
    init(path: String) throws(Diagnostic) {
        guard FileTree.kind(of: path) != .folder else {
            throw Diagnostic(
                .inputMissing, "this is a folder, but a file is needed", at: .init(file: path),
                remedy: "Name a file inside it")
        }
        guard let handle = gzopen(path, "rb") else {
            let reason =
                errno == ENOENT ? "there is no such file" : "cannot be opened: \(String(cString: strerror(errno)))"
            throw Diagnostic(
                .inputMissing, reason, at: .init(file: path), remedy: "Check the path and its permissions")
        }
        self.path = path
        self.handle = handle
    }

    deinit { gzclose(handle) }

    /// Reads at most `count` bytes onto the end of `bytes`.
    ///
    /// - Returns: how many were read; 0 at the end of the file.
    /// - Throws: `badData` where gzipped data is damaged or cut short.
    func read(upTo count: Int, onto bytes: inout [UInt8]) throws(Diagnostic) -> Int {
        var received: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            received = gzread(handle, buffer.baseAddress, UInt32(clamping: count))
            initialized = Int(max(0, received))
        }
        try check(received)
        bytes += chunk
        return chunk.count
    }

    private func check(_ received: Int32) throws(Diagnostic) {
        var code: Int32 = 0
        let message = gzerror(handle, &code).map { String(cString: $0) } ?? ""
        guard received < 0 || (received == 0 && code == Z_BUF_ERROR) else { return }
        let reason = code == Z_BUF_ERROR ? "the gzipped data is cut short" : "cannot be read: \(message)"
        throw Diagnostic(.badData, reason, at: .init(file: path), remedy: "Fetch the file again")
    }
}

import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A folder that a report is written to, made where it is not there; each file whole or not at all.
struct ReportFolder {
    let path: String

    /// - Throws: `inputMissing` where the folder cannot be made or is a file.
    init(_ path: String) throws(Diagnostic) {
        self.path = Self.withoutTrailingSlash(path.isEmpty ? "." : path)
        try Self.make(self.path)
    }

    /// A folder inside, made where it is not there.
    func folder(_ name: String) throws(Diagnostic) { try Self.make(place(name)) }

    /// Writes a file beside its place and moves it there.
    ///
    /// - Returns: the path it was written to.
    /// - Throws: `inputMissing` where the place cannot be written; `unavailable` where there is no room.
    func write(_ text: String, to name: String) throws(Diagnostic) -> String {
        let path = place(name)
        let partial = path + ".partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
        let failure = Self.fill(descriptor, with: text)
        close(descriptor)
        guard failure == 0 else {
            unlink(partial)
            throw Self.broken(path, failure)
        }
        guard rename(partial, path) == 0 else {
            let code = errno
            unlink(partial)
            throw Self.unwritable(path, code)
        }
        return path
    }

    private func place(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

    /// - Returns: 0, or the code of what failed.
    private static func fill(_ descriptor: Int32, with text: String) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Self.send($0, to: descriptor) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return errno }
            bytes = bytes.dropFirst(written)
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    private static func send(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
        // The instance's own `write` hides the system's.
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Makes a folder and those it lies in.
    private static func make(_ path: String) throws(Diagnostic) {
        if let isFolder = isFolder(path) {
            guard isFolder else {
                throw Diagnostic(
                    .inputMissing, "this is a file, but a report is written to a folder", at: .init(file: path),
                    remedy: "Name a folder with --output")
            }
            return
        }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try make(withoutTrailingSlash(String(path[..<slash])))
        }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw Diagnostic(
                .inputMissing, "the folder cannot be made: \(String(cString: strerror(errno)))", at: .init(file: path),
                remedy: "Check the path and its permissions, or name another folder with --output")
        }
    }

    /// `nil` where nothing is there.
    private static func isFolder(_ path: String) -> Bool? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT == S_IFDIR : nil
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func unwritable(_ path: String, _ code: Int32) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the file cannot be written: \(String(cString: strerror(code)))", at: .init(file: path),
            remedy: "Check the folder and its permissions, or name another with --output")
    }

    private static func broken(_ path: String, _ code: Int32) -> Diagnostic {
        let isFull = code == ENOSPC || code == EDQUOT || code == EFBIG
        return Diagnostic(
            .unavailable, "writing failed: \(String(cString: strerror(code)))", at: .init(file: path),
            remedy: isFull ? "Make room, or name another folder with --output" : "Check the disk and write it again")
    }
}

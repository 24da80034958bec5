import Diagnostics
import JSON

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
    /// - Throws: what ``WholeFile/write(_:to:)`` throws.
    func write(_ text: String, to name: String) throws(Diagnostic) -> String {
        let path = place(name)
        try WholeFile.write(text, to: path)
        return path
    }

    private func place(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

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
}

public import Diagnostics
internal import GRDB

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension Ledger {
    /// SHA-256, in hexadecimal, of a file's bytes; remembered for as long as the file stays as it is, so that a big
    /// checkpoint is read once.
    ///
    /// A file is taken to be unchanged where path, size, time of modification and inode are.
    ///
    /// - Throws: `inputMissing` where there is no such file, it cannot be read, or it is a folder.
    public func digest(ofFile path: String) throws(Diagnostic) -> String {
        guard let before = FileIdentity(path: path) else { return try SHA256Digest.hexadecimal(ofFile: path) }
        if let known = try rememberedDigest(of: before) { return known }
        let digest = try SHA256Digest.hexadecimal(ofFile: path)
        if FileIdentity(path: path) == before, before.isSettled { try remember(digest, of: before) }
        return digest
    }

    private func rememberedDigest(of file: FileIdentity) throws(Diagnostic) -> String? {
        try read { database in
            try String.fetchOne(
                database,
                sql: "SELECT sha256 FROM file_digest WHERE path = ? AND size = ? AND modified = ? AND inode = ?",
                arguments: [file.path, file.size, file.modified, file.inode])
        }
    }

    private func remember(_ digest: String, of file: FileIdentity) throws(Diagnostic) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO file_digest (path, size, modified, inode, sha256) VALUES (?, ?, ?, ?, ?)",
                arguments: [file.path, file.size, file.modified, file.inode, digest])
        }
    }
}

/// What tells a file from another and from itself changed.
private struct FileIdentity: Equatable {
    /// Absolute, without symbolic links.
    var path: String
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var inode: Int64

    /// `nil` where the path names no ordinary file that can be looked at.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let resolved = realpath(path, nil) else {
            return nil
        }
        defer { free(resolved) }
        self.path = String(cString: resolved)
        size = Int64(status.st_size)
        inode = Int64(bitPattern: UInt64(status.st_ino))
        #if canImport(Darwin)
        modified = Self.nanoseconds(status.st_mtimespec)
        #else
        modified = Self.nanoseconds(status.st_mtim)
        #endif
    }

    /// Whether the file was last changed long enough ago that another change would show in its time of modification.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Self.nanoseconds(now) - modified > 2_000_000_000
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

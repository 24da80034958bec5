import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file open for reading in chunks, or standard input where the path is `-`.
package final class InputFile {
    /// What errors call the file.
    package let name: String
    private let descriptor: Int32

    /// - Throws: `inputMissing` where there is no such file, where it cannot be opened, or where it is a folder.
    package init(path: String) throws(Diagnostic) {
        if path == "-" {
            name = "standard input"
            descriptor = STDIN_FILENO
        } else {
            name = path
            descriptor = try Self.open(path)
        }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Reads at most `count` bytes onto the end of `bytes`.
    ///
    /// - Returns: the number of bytes read; 0 at the end of the file.
    package func read(upTo count: Int, onto bytes: inout [UInt8]) throws(Diagnostic) -> Int {
        var received = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            received = retryingInterrupts { systemRead(descriptor, UnsafeMutableRawBufferPointer(buffer)) }
            initialized = max(0, received)
        }
        bytes.append(contentsOf: chunk)
        guard received >= 0 else {
            throw Self.failure("cannot be read: \(String(cString: strerror(errno)))", file: name)
        }
        return received
    }

    /// Reads what is left of the file.
    package func readToEnd() throws(Diagnostic) -> [UInt8] {
        var bytes: [UInt8] = []
        var status = stat()
        if fstat(descriptor, &status) == 0 { bytes.reserveCapacity(Int(status.st_size) + 1) }
        while try read(upTo: max(1 << 16, bytes.capacity - bytes.count), onto: &bytes) > 0 {}
        return bytes
    }

    private static func open(_ path: String) throws(Diagnostic) -> Int32 {
        let descriptor = retryingInterrupts { systemOpen(path) }
        guard descriptor >= 0 else {
            guard errno != ENOENT else { throw failure("there is no such file", file: path) }
            throw failure("cannot be opened: \(String(cString: strerror(errno)))", file: path)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw failure("this is a folder, but a file is needed", file: path, remedy: "Name a file inside it")
        }
        return descriptor
    }

    private static func failure(
        _ message: String, file: String, remedy: String = "Check the path and its permissions"
    ) -> Diagnostic {
        Diagnostic(.inputMissing, message, at: .init(file: file), remedy: remedy)
    }
}

private func systemOpen(_ path: String) -> Int32 { open(path, O_RDONLY | O_CLOEXEC) }

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

/// Repeats a system call for as long as a signal interrupts it.
private func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads a file that holds one JSON value a line, in chunks, so that memory holds one line at a time however long the
/// file is.
///
/// Blank lines are skipped but counted. Lines may end in `\n` or `\r\n`, the last in nothing, and the first may begin
/// with a byte order mark. The path `-` is standard input.
///
/// ```swift
/// let lines = try JSONLines(path: "rows.jsonl")
/// while let (number, value) = try lines.next() { … }
/// ```
///
/// After an error in one line the next call goes on with the line that follows it.
public final class JSONLines {
    /// What errors call the file: its path, or `standard input`.
    public var name: String { file.name }

    private let file: InputFile
    private let maximumLineLength: Int
    private let options: JSONValue.ParsingOptions
    private let allowsEmpty: Bool

    private var buffer: [UInt8] = []
    /// Where the next line begins in `buffer`.
    private var start = 0
    private var isAtEnd = false
    /// Set while the rest of a line that was too long is thrown away.
    private var isDiscarding = false
    private var lineNumber = 0
    private var holdsAny = false

    private let chunkLength: Int

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - maximumLineLength: in bytes; a longer line is an error.
    ///   - allowsEmpty: whether a file without any value is good; otherwise reading its end throws.
    /// - Throws: `inputMissing` where there is no such file, it cannot be opened, or it is a folder.
    public convenience init(
        path: String, maximumLineLength: Int = 64 << 20, options: JSONValue.ParsingOptions = .init(),
        allowsEmpty: Bool = false
    ) throws(Diagnostic) {
        try self.init(
            path: path, maximumLineLength: maximumLineLength, options: options, allowsEmpty: allowsEmpty,
            chunkLength: 1 << 18)
    }

    init(
        path: String, maximumLineLength: Int = 64 << 20, options: JSONValue.ParsingOptions = .init(),
        allowsEmpty: Bool = false, chunkLength: Int
    ) throws(Diagnostic) {
        file = try InputFile(path: path)
        self.maximumLineLength = maximumLineLength
        self.options = options
        self.allowsEmpty = allowsEmpty
        self.chunkLength = chunkLength
    }

    /// The next value and the number of its line, counted from 1; `nil` at the end of the file.
    ///
    /// - Throws: `badData` with file and line where the line is not JSON, not UTF-8 or too long, or where the file ends
    ///   without having held any value.
    public func next() throws(Diagnostic) -> (number: Int, value: JSONValue)? {
        guard let range = try nextRange() else { return nil }
        do throws(Diagnostic) {
            return (lineNumber, try JSONValue(parsing: buffer[range], options: options))
        } catch {
            var located = error
            located.location = .init(file: name, line: lineNumber)
            throw located
        }
    }

    /// The next line that is not blank, as it stands without its line ending, and its number, counted from 1; `nil` at
    /// the end of the file. The bytes are not checked to be UTF-8.
    ///
    /// - Throws: as ``next()`` does, apart from what is wrong inside a line.
    public func nextLine() throws(Diagnostic) -> (number: Int, bytes: [UInt8])? {
        guard let range = try nextRange() else { return nil }
        return (lineNumber, Array(buffer[range]))
    }

    /// The bytes of the next line that is not blank.
    private func nextRange() throws(Diagnostic) -> Range<Int>? {
        while let range = try nextPhysicalLine() {
            guard let range = trimmed(range) else { continue }
            holdsAny = true
            return range
        }
        guard holdsAny || allowsEmpty else {
            throw Diagnostic(
                .badData, "the file is empty", at: .init(file: name), remedy: "Give a file with one JSON value a line")
        }
        return nil
    }

    /// The bytes of the next line, whatever it holds, without its `\n`.
    private func nextPhysicalLine() throws(Diagnostic) -> Range<Int>? {
        var scanned = start
        while true {
            if let end = newline(from: scanned) {
                defer { start = end + 1 }
                if isDiscarding { isDiscarding = false } else { return try counted(start..<end) }
                scanned = end + 1
            } else if isAtEnd {
                guard start < buffer.count, !isDiscarding else { return nil }
                defer { start = buffer.count }
                return try counted(start..<buffer.count)
            } else {
                try discardOverlong()
                scanned = buffer.count - start
                try fill()
            }
        }
    }

    private func counted(_ range: Range<Int>) throws(Diagnostic) -> Range<Int> {
        lineNumber += 1
        guard range.count <= maximumLineLength else { throw overlong() }
        return range
    }

    /// Gives up a line that has no end within the limit, so that a file without line breaks does not fill the memory.
    private func discardOverlong() throws(Diagnostic) {
        guard isDiscarding || buffer.count - start > maximumLineLength else { return }
        start = buffer.count
        guard !isDiscarding else { return }
        isDiscarding = true
        lineNumber += 1
        holdsAny = true
        throw overlong()
    }

    private func overlong() -> Diagnostic {
        Diagnostic(
            .badData, "the line is longer than \(maximumLineLength) bytes", at: .init(file: name, line: lineNumber),
            remedy: "Check that the file holds one JSON value a line")
    }

    /// Moves what is left of the buffer to its front and reads one more chunk.
    private func fill() throws(Diagnostic) {
        buffer.removeSubrange(..<start)
        start = 0
        isAtEnd = try file.read(upTo: chunkLength, onto: &buffer) == 0
    }

    private func newline(from position: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard position < bytes.count, let base = bytes.baseAddress else { return nil }
            let found = memchr(base + position, 0x0A, bytes.count - position)
            return found.map { base.distance(to: $0) }
        }
    }

    /// The line without byte order mark and carriage return; `nil` where nothing but white space is left.
    private func trimmed(_ line: Range<Int>) -> Range<Int>? {
        var range = line
        if lineNumber == 1, buffer[range].starts(with: [0xEF, 0xBB, 0xBF]) {
            range = range.lowerBound + 3..<range.upperBound
        }
        if let last = range.last, buffer[last] == 0x0D { range = range.lowerBound..<last }
        let isBlank = buffer[range].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        return isBlank ? nil : range
    }
}

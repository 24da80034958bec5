import Diagnostics
import JSON

/// Reads a data file's rows one by one: JSON lines, or one JSON array of rows; either may be gzipped.
///
/// Of lines, memory holds one at a time; of an array, the file's bytes and one row. Both are bounded.
final class SuiteRecordReader {
    /// A line longer than this is an error.
    static let maximumLineLength = 64 << 20
    /// An array's file longer than this, unpacked, is an error.
    static let maximumArrayLength = 2 << 30
    private static let chunkLength = 1 << 18

    private let source: ByteSource
    private let format: String
    private var buffer: [UInt8] = []
    private var position = 0
    private var line = 1
    private var isAtEnd = false
    private var layout: Layout?
    private var rowCount = 0

    private enum Layout { case lines, array, finished }

    /// - Parameter format: what the suite's rows hold, for errors.
    init(_ file: DataFile, format: String) throws(Diagnostic) {
        source = try ByteSource(path: file.path)
        self.format = format
    }

    /// The next row; `nil` after the last one.
    ///
    /// - Throws: `badData` with file and line where the text is not JSON, not UTF-8, or not an object, and where the file
    ///   holds no rows.
    func next() throws(Diagnostic) -> SuiteRecord? {
        if layout == nil { layout = try openLayout() }
        let found = layout == .array ? try nextElement() : try nextLine()
        guard let (value, number) = found else {
            guard rowCount > 0 else { throw failure("the file holds no rows", line: nil) }
            return nil
        }
        guard case .object = value else {
            throw failure("a row should be an object, this is \(value.kindName)", line: number)
        }
        defer { rowCount += 1 }
        return SuiteRecord(value: value, file: source.path, line: number, index: rowCount, format: format)
    }

    private func failure(_ message: String, line: Int?) -> Diagnostic {
        Diagnostic(.badData, message, at: .init(file: source.path, line: line), remedy: format)
    }

    private func fill() throws(Diagnostic) {
        if try source.read(upTo: Self.chunkLength, onto: &buffer) == 0 { isAtEnd = true }
    }

    private func parse(_ range: Range<Int>, line number: Int) throws(Diagnostic) -> JSONValue {
        do throws(Diagnostic) {
            return try JSONValue(parsing: buffer[range], options: .init(allowsNonFiniteNumbers: true))
        } catch {
            let error = columnsInFile(error, range)
            throw Diagnostic(
                error.category, error.message,
                at: .init(file: source.path, line: number + (error.location.line ?? 1) - 1),
                remedy: error.remedy.isEmpty ? format : error.remedy)
        }
    }

    /// The same error with its column counted from the start of the line on which the value begins.
    private func columnsInFile(_ error: Diagnostic, _ range: Range<Int>) -> Diagnostic {
        let lineStart = buffer[..<range.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let indented = [UInt8](repeating: 0x20, count: range.lowerBound - lineStart) + buffer[range]
        do throws(Diagnostic) {
            _ = try JSONValue(parsing: indented, options: .init(allowsNonFiniteNumbers: true))
            return error
        } catch { return error }
    }
}

// MARK: - What the file is

extension SuiteRecordReader {
    /// Looks at the file's first characters.
    private func openLayout() throws(Diagnostic) -> Layout {
        try fill()
        guard !buffer.isEmpty else { throw failure("the file is empty", line: nil) }
        guard !buffer.starts(with: Array("PAR1".utf8)) else {
            throw Diagnostic(
                .badData, "this is a Parquet file", at: .init(file: source.path),
                remedy: "Convert it to JSON lines, for instance with datasets' Dataset.to_json")
        }
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let start = (position, line)
        while try skipWhitespace() {}
        guard position < buffer.count, buffer[position] == UInt8(ascii: "[") else {
            (position, line) = start
            return .lines
        }
        position += 1
        try readToEnd()
        return .array
    }

    /// Skips white space in the buffer; whether it ran out and more was read.
    private func skipWhitespace() throws(Diagnostic) -> Bool {
        while position < buffer.count, Self.isBlank(buffer[position]) {
            if buffer[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
        guard position == buffer.count, !isAtEnd, buffer.count < Self.maximumLineLength else { return false }
        try fill()
        return true
    }

    private func readToEnd() throws(Diagnostic) {
        while !isAtEnd {
            try fill()
            guard buffer.count <= Self.maximumArrayLength else {
                throw failure("the array is longer than \(Self.maximumArrayLength) bytes; give JSON lines", line: nil)
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}

// MARK: - Lines

extension SuiteRecordReader {
    private func nextLine() throws(Diagnostic) -> (JSONValue, Int)? {
        while let range = try nextLineRange() {
            let number = line
            line += 1
            if !buffer[range].allSatisfy(Self.isBlank) { return (try parse(range, line: number), number) }
        }
        return nil
    }

    private func nextLineRange() throws(Diagnostic) -> Range<Int>? {
        var scanned = position
        while true {
            if let end = buffer.withUnsafeBufferPointer({ $0[scanned...].firstIndex(of: 0x0A) }) {
                defer { position = end + 1 }
                return position..<end
            }
            if isAtEnd {
                defer { position = buffer.count }
                return position < buffer.count ? position..<buffer.count : nil
            }
            buffer.removeSubrange(..<position)
            position = 0
            scanned = buffer.count
            guard scanned <= Self.maximumLineLength else {
                throw failure("the line is longer than \(Self.maximumLineLength) bytes", line: line)
            }
            try fill()
        }
    }
}

// MARK: - An array's elements

extension SuiteRecordReader {
    /// The next element and the line on which it begins.
    private func nextElement() throws(Diagnostic) -> (JSONValue, Int)? {
        _ = try skipWhitespace()
        guard position < buffer.count else { throw failure("the array has no closing bracket", line: line) }
        if buffer[position] == UInt8(ascii: "]"), rowCount == 0 { return try finishArray() }
        let range = elementRange()
        let number = line
        let value = try parse(range, line: number)
        advance(to: range.upperBound)
        guard position < buffer.count else { throw failure("the array has no closing bracket", line: line) }
        if buffer[position] == UInt8(ascii: ",") { position += 1 } else { layout = .finished }
        if layout == .finished { _ = try finishArray() }
        return (value, number)
    }

    /// Checks that nothing follows the array, and leaves an empty rest to be read.
    private func finishArray() throws(Diagnostic) -> (JSONValue, Int)? {
        position += 1
        _ = try skipWhitespace()
        guard position == buffer.count else {
            throw failure("there is more text after the end of the array", line: line)
        }
        return nil
    }

    /// From here to the comma or bracket that ends the element; brackets are counted outside of strings.
    private func elementRange() -> Range<Int> {
        var depth = 0
        var isInString = false
        var index = position
        while index < buffer.count {
            let byte = buffer[index]
            if isInString {
                if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isInString = false }
            } else if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
                break
            } else {
                isInString = byte == UInt8(ascii: "\"")
                depth += Self.nesting(byte)
            }
            index += 1
        }
        return position..<min(index, buffer.count)
    }

    private static func nesting(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): -1
        default: 0
        }
    }

    private func advance(to end: Int) {
        line += buffer[position..<end].count { $0 == 0x0A }
        position = end
    }
}

import Diagnostics

extension JSONValue {
    /// What the parser accepts beyond RFC 8259, and how deep it goes.
    public struct ParsingOptions: Sendable {
        /// Accept `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes, and numbers beyond a double's range,
        /// which it reads as infinite.
        public var allowsNonFiniteNumbers = false
        /// Nesting beyond this is an error, so that hostile input cannot exhaust the stack.
        public var maximumDepth = 256

        public init(allowsNonFiniteNumbers: Bool = false) { self.allowsNonFiniteNumbers = allowsNonFiniteNumbers }
    }

    /// Parses one JSON document. Of repeated keys the last counts, at the first one's place, as in Python.
    ///
    /// - Throws: a `badData` diagnostic with the line, counted from 1 within `bytes`, and the column, counted in bytes.
    public init(parsing bytes: some Sequence<UInt8>, options: ParsingOptions = ParsingOptions()) throws(Diagnostic) {
        let parsed = bytes.withContiguousStorageIfAvailable { Self.parse($0, options: options) }
        let result =
            parsed ?? ContiguousArray(bytes).withUnsafeBufferPointer { Self.parse($0, options: options) }
        self = try result.get()
    }

    /// Parses one JSON document held in a string.
    ///
    /// - Throws: a `badData` diagnostic with the line, counted from 1 within `text`, and the column, counted in bytes.
    public init(parsing text: String, options: ParsingOptions = ParsingOptions()) throws(Diagnostic) {
        try self.init(parsing: text.utf8, options: options)
    }

    /// Reads a file that holds one JSON document; the path `-` is standard input.
    ///
    /// - Throws: `inputMissing` where there is no such file, it cannot be opened, or it is a folder; `badData` with file
    ///   and line where it is empty or not JSON.
    public init(readingFile path: String, options: ParsingOptions = ParsingOptions()) throws(Diagnostic) {
        let file = try InputFile(path: path)
        let bytes = try file.readToEnd()
        guard !bytes.isEmpty else {
            throw Diagnostic(.badData, "the file is empty", at: .init(file: file.name), remedy: "Give a JSON document")
        }
        do throws(Diagnostic) {
            try self.init(parsing: bytes, options: options)
        } catch {
            throw error.located(file: file.name)
        }
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, options: ParsingOptions
    ) -> Result<JSONValue, Diagnostic> {
        var parser = JSONParser(bytes: bytes, options: options)
        do throws(Diagnostic) { return .success(try parser.parseDocument()) } catch { return .failure(error) }
    }
}

import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import JSON

@Suite struct JSONLinesTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func lines(
        _ bytes: some Sequence<UInt8>, maximumLineLength: Int = 64 << 20, chunkLength: Int = 1 << 18,
        allowsEmpty: Bool = false
    ) throws -> JSONLines {
        try JSONLines(
            path: try folder.write(bytes, to: "rows.jsonl"), maximumLineLength: maximumLineLength,
            allowsEmpty: allowsEmpty,
            chunkLength: chunkLength)
    }

    private func numbersAndTexts(_ lines: JSONLines) throws -> [String] {
        var all: [String] = []
        while let (number, value) = try lines.next() { all.append("\(number) \(value.text)") }
        return all
    }

    @Test(
        "Values come with the numbers of their lines, whatever the chunks and the line endings",
        arguments: [1, 2, 3, 7, 64, 1 << 18])
    func values(chunkLength: Int) throws {
        let text = "\u{FEFF}{\"a\":1}\n\n \t \r\n[2]\r\n\"drei\"\n\r\n4"
        let expected = [#"1 {"a":1}"#, "4 [2]", #"5 "drei""#, "7 4"]
        #expect(try numbersAndTexts(lines(text.utf8, chunkLength: chunkLength)) == expected)
        #expect(try numbersAndTexts(lines((text + "\r\n").utf8, chunkLength: chunkLength)) == expected)
        #expect(try numbersAndTexts(lines((text + "\n\n").utf8, chunkLength: chunkLength)) == expected)
    }

    @Test("The reader stays at the end once it is there")
    func end() throws {
        let lines = try lines("1\n".utf8)
        #expect(try lines.next()?.value == 1)
        #expect(try lines.next() == nil)
        #expect(try lines.next() == nil)
    }

    @Test("Raw lines come as they stand, without their endings")
    func rawLines() throws {
        let lines = try lines(Array(" {\"a\": 1} \r\n\n".utf8) + [0xFF, 0x00, 0x0A] + Array("x".utf8))
        #expect(
            try lines.nextLine().map { "\($0.number) \(String(decoding: $0.bytes, as: UTF8.self))" } == "1  {\"a\": 1} "
        )
        #expect(try lines.nextLine()?.bytes == [0xFF, 0x00])
        let last = try #require(try lines.nextLine())
        #expect(last.number == 4 && last.bytes == [0x78])
        #expect(try lines.nextLine() == nil)
    }

    @Test("A line that is not JSON is an error with file, line and column, and reading can go on behind it")
    func badLine() throws {
        let lines = try lines("1\n\n{\"a\":}\n3\n".utf8)
        #expect(try lines.next()?.number == 1)
        #expect(
            throws: Diagnostic(
                .badData, "not valid JSON: a value cannot start with '}' (column 6)",
                at: .init(file: folder.file("rows.jsonl"), line: 3), remedy: "Correct the text there")
        ) { try lines.next() }
        let next = try #require(try lines.next())
        #expect(next.number == 4 && next.value == 3)
    }

    @Test("A line that is not UTF-8 is an error with its number")
    func notUTF8() throws {
        let lines = try lines(Array("\"a\"\n\"".utf8) + [0xE9] + Array("\"\n".utf8))
        #expect(try lines.next()?.value == "a")
        #expect(
            throws: Diagnostic(
                .badData, "not valid JSON: it is not UTF-8 (column 2)",
                at: .init(file: folder.file("rows.jsonl"), line: 2),
                remedy: "Save the text as UTF-8")
        ) { try lines.next() }
    }

    @Test(
        "A line over the limit is an error, however the chunks fall, and reading goes on behind it",
        arguments: [1, 4, 9, 1 << 18])
    func overlong(chunkLength: Int) throws {
        let long = "\"" + String(repeating: "a", count: 30) + "\""
        let lines = try lines("12345678\n\(long)\n[3]\n\(long)".utf8, maximumLineLength: 8, chunkLength: chunkLength)
        #expect(try lines.next()?.value == 12_345_678)
        let message = "the line is longer than 8 bytes"
        let remedy = "Check that the file holds one JSON value a line"
        let path = folder.file("rows.jsonl")
        #expect(throws: Diagnostic(.badData, message, at: .init(file: path, line: 2), remedy: remedy)) {
            try lines.next()
        }
        let next = try #require(try lines.next())
        #expect(next.number == 3 && next.value == [3])
        #expect(throws: Diagnostic(.badData, message, at: .init(file: path, line: 4), remedy: remedy)) {
            try lines.next()
        }
        #expect(try lines.next() == nil)
    }

    @Test("A file without any line break is given up at the limit", .enabled(if: access("/dev/zero", R_OK) == 0))
    func endless() throws {
        let lines = try JSONLines(path: "/dev/zero", maximumLineLength: 1 << 20)
        #expect(throws: Diagnostic.self) { try lines.next() }
    }

    @Test(
        "A file without any value is an error that says so",
        arguments: ["", "\n", " \r\n\t\n", "\u{FEFF}", "\u{FEFF}\n"])
    func empty(text: String) throws {
        let expected = Diagnostic(
            .badData, "the file is empty", at: .init(file: folder.file("rows.jsonl")),
            remedy: "Give a file with one JSON value a line")
        let strict = try lines(text.utf8)
        #expect(throws: expected) { try strict.next() }
        let raw = try lines(text.utf8)
        #expect(throws: expected) { try raw.nextLine() }
        let lenient = try lines(text.utf8, allowsEmpty: true)
        #expect(try lenient.next() == nil)
    }

    @Test("A missing file, a folder and a file that may not be read each say so")
    func unopenable() throws {
        let missing = folder.file("none.jsonl")
        #expect(
            throws: Diagnostic(
                .inputMissing, "there is no such file", at: .init(file: missing),
                remedy: "Check the path and its permissions")
        ) { try JSONLines(path: missing) }
        #expect(
            throws: Diagnostic(
                .inputMissing, "this is a folder, but a file is needed", at: .init(file: folder.path),
                remedy: "Name a file inside it")
        ) { try JSONLines(path: folder.path) }
        let inFile = try folder.write("1", to: "file") + "/rows.jsonl"
        #expect(
            throws: Diagnostic(
                .inputMissing, "cannot be opened: Not a directory", at: .init(file: inFile),
                remedy: "Check the path and its permissions")
        ) { try JSONLines(path: inFile) }
    }

    @Test("A file without read permission says so", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        let path = try folder.write("1", to: "locked.jsonl")
        chmod(path, 0)
        #expect(
            throws: Diagnostic(
                .inputMissing, "cannot be opened: Permission denied", at: .init(file: path),
                remedy: "Check the path and its permissions")
        ) { try JSONLines(path: path) }
    }

    @Test("The path - reads standard input")
    func standardInput() throws {
        let path = try folder.write("1\nx\n", to: "input.jsonl")
        let saved = dup(STDIN_FILENO)
        let file = open(path, O_RDONLY)
        dup2(file, STDIN_FILENO)
        close(file)
        defer {
            dup2(saved, STDIN_FILENO)
            close(saved)
        }
        let lines = try JSONLines(path: "-")
        #expect(try lines.next()?.value == 1)
        #expect(
            throws: Diagnostic(
                .badData, "not valid JSON: a value cannot start with 'x' (column 1)",
                at: .init(file: "standard input", line: 2), remedy: "Correct the text there")
        ) { try lines.next() }
    }
}

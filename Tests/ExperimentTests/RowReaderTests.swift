import Diagnostics
import Experiment
import Foundation
import Testing

@Suite struct RowReaderTests {
    private func read(_ bytes: some Sequence<UInt8>) throws -> [Row] {
        let file = try RowsFile(bytes)
        let reader = try RowReader(path: file.path)
        var rows: [Row] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    private func failure(of text: String) throws -> Diagnostic? { try failure(of: Array(text.utf8)) }

    private func failure(of bytes: [UInt8]) throws -> Diagnostic? {
        #expect(throws: Diagnostic.self) { try read(bytes) }
    }

    @Test("Rows come in the file's order, blank lines are skipped but counted")
    func order() throws {
        let text = "{\"prompt\":\"p\",\"response\":\"x\"}\n\n  \r\n{\"prompt\":\"q\",\"response\":\"y\"}\r\n"
        let rows = try read(text.utf8)
        #expect(rows.map(\.group.id) == ["row-1", "row-4"])
        #expect(rows.map { $0.group.source?.line } == [1, 4])
        #expect(rows.map(\.group.responses) == [["x"], ["y"]])
    }

    @Test("Bad JSON names its line")
    func badJSON() throws {
        let error = try failure(of: "{\"prompt\":\"p\",\"response\":\"x\"}\n{\"prompt\":\n")
        #expect(error?.location.line == 2)
        #expect(error?.location.file?.hasSuffix("rows.jsonl") == true)
        #expect(error?.message.hasPrefix("not valid JSON") == true)
        #expect(error?.category == .badData)
    }

    @Test("A line that is not UTF-8 says so")
    func notUTF8() throws {
        let error = try failure(of: Array("{\"prompt\":\"".utf8) + [0xFF] + Array("\",\"response\":\"x\"}".utf8))
        #expect(error?.message.contains("UTF-8") == true)
        #expect(error?.location.line == 1)
    }

    @Test("A duplicate id names both lines, also where one is the default")
    func duplicates() throws {
        let row = "{\"id\":\"a\",\"prompt\":\"p\",\"response\":\"x\"}\n"
        let error = try failure(of: row + row)
        #expect(error?.message == "the id 'a' was given on line 1 already")
        #expect(error?.location.line == 2)
        #expect(error?.location.field == "id")
        let named = "{\"id\":\"row-2\",\"prompt\":\"p\",\"response\":\"x\"}\n{\"prompt\":\"p\",\"response\":\"x\"}\n"
        #expect(try failure(of: named)?.message == "the id 'row-2' was given on line 1 already")
    }

    @Test("A file of zero bytes, and one of blank lines, are empty", arguments: ["", "\n \n"])
    func empty(text: String) throws {
        let error = try failure(of: text)
        #expect(error?.message == "the file is empty")
        #expect(error?.category == .badData)
    }

    @Test("A folder is no file, and a file must exist")
    func paths() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let isFolder = #expect(throws: Diagnostic.self) { try RowReader(path: folder) }
        #expect(isFolder?.category == .inputMissing)
        #expect(isFolder?.message.contains("folder") == true)
        let isMissing = #expect(throws: Diagnostic.self) { try RowReader(path: folder + "/no-such-rows.jsonl") }
        #expect(isMissing?.category == .inputMissing)
        #expect(isMissing?.message == "there is no such file")
    }

    @Test("After a bad row the reader goes on with the next")
    func goesOn() throws {
        let file = try RowsFile(Array("{\"prompt\":\"p\"}\n{\"prompt\":\"q\",\"response\":\"y\"}\n".utf8))
        let reader = try RowReader(path: file.path)
        #expect(throws: Diagnostic.self) { try reader.next() }
        #expect(try reader.next()?.group.id == "row-2")
        #expect(try reader.next() == nil)
    }
}

/// A file of rows that goes when its owner does.
final class RowsFile {
    let path: String
    private let folder: URL

    init(_ bytes: some Sequence<UInt8>) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "assay-rows-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "rows.jsonl").path
        try Data(bytes).write(to: URL(filePath: path))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}

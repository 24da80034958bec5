import Diagnostics
import Foundation
import Testing

@testable import Studies

@Suite struct NamedStudiesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized

    @Test("The studies in the program are the files of Sources/Studies/Named; else run scripts/embed-studies")
    func embedded() throws {
        let folder = Self.root.appending(path: "Sources/Studies/Named")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        #expect(NamedStudies.names == names)
        for name in names {
            let text = try String(contentsOf: folder.appending(path: name + ".yaml"), encoding: .utf8)
            #expect(try NamedStudies.text(of: name) == text)
        }
    }

    @Test("Every study has its file's name, a title, a question, and arms")
    func designs() throws {
        for name in NamedStudies.names {
            let design = try NamedStudies.design(named: name)
            #expect(design.name == name && design.title != name && !design.question.isEmpty)
            #expect(try !design.arms().isEmpty)
        }
        #expect(try NamedStudies.list().split(separator: "\n").count == NamedStudies.names.count)
    }

    @Test("A study is named, or is a file by its path; a misspelt one is told")
    func lookup() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(StudyTexts.smoke.utf8, to: "smoke.yaml")
        #expect(try NamedStudies.design(path).name == "smoke")
        let error = #expect(throws: Diagnostic.self) { try NamedStudies.design("no-such-study-at-all") }
        #expect(error?.category == .usage)
    }
}

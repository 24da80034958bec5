import Foundation

enum StudyTexts {
    /// Two factors of two levels, one combination left out; its settings are those of the fixture's runner.
    static let smoke = """
        study: smoke
        title: A study of nothing
        question: Does a slope show?
        run:
          steps: 3
          reward:
            - {name: proxy, kind: planted, accuracy: 0.8, weight: 2}
        factors:
          regime:
            - {level: flat}
            - level: long
              set: {steps: 5}
          slope:
            - {level: 0}
            - {level: 1, set: {slope: 1}}
        exclude: [{regime: long, slope: 1}]
        seeds: 3
        controls: {a-a: true, placebo: true}
        analyses: [{kind: level}]
        verdicts: {margin: 0.05, level: 0.9}
        """
}

/// A folder that goes when its owner does.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }
}

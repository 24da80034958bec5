import Diagnostics
import Experiment
import JSON
import Suites

/// Where the tests find their data.
enum Place {
    /// The repository's root.
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    static func fixture(_ name: String) -> String { "\(root)/Tests/Fixtures/suites/\(name)" }

    /// Real data beside the repository, where it is there.
    static func shared(_ name: String) -> String { "\(root)/../shared/\(name)" }

    static let hasShared = (try? Suite.llmBar.load(path: shared("data/llmbar"))) != nil
}

extension LoadedSuite {
    /// Scores that depend on the texts alone: a response's length in UTF-8 bytes, kept coarse so that there are ties.
    var lengthScores: [GroupScore] {
        items.map { item in
            GroupScore(id: item.group.id, scores: item.group.responses.map { Double($0.utf8.count / 8) })
        }
    }
}

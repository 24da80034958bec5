import Diagnostics
import Experiment
import Foundation
import JSON
import Testing
import Torch

@testable import Benching

/// Where the tests find their data.
enum Place {
    /// The repository's root.
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    static func fixture(_ name: String) -> String { "\(root)/Tests/Fixtures/\(name)" }

    /// Real data beside the repository, where it is there.
    static func shared(_ name: String) -> String { "\(root)/../shared/\(name)" }

    static let hasShared = FileManager.default.fileExists(atPath: shared("data/rewardmath/scores/internlm2.json"))
    static let hasTorch = (try? TorchLibrary.version()) != nil
}

/// Rows of two to four responses, as many as asked for.
func rows(_ count: Int) -> String {
    (0..<count).map { index in
        let responses = (0..<(2 + index % 3)).map {
            "\"\(String(repeating: "ab ", count: 1 + (index * 7 + $0 * 5) % 11))\""
        }
        return "{\"id\":\"r\(index)\",\"prompt\":\"p\(index)\",\"responses\":[\(responses.joined(separator: ","))]}\n"
    }.joined()
}

/// The diagnostic that a call throws.
func diagnostic(_ body: () async throws -> Void) async -> Diagnostic? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Diagnostic
    }
}

/// A reward that scores by a rule of the test's own.
struct ClosureReward: Reward {
    var spec = "test:closure"
    var provenance: JSONValue = ["kind": "test"]
    var tokens: @Sendable (Group) -> Int = { _ in 10 }
    var scores: @Sendable ([Group]) -> [GroupScore]

    func plan(_ group: Group) async throws(Diagnostic) -> GroupPlan {
        GroupPlan(
            tokensComputed: tokens(group), tokens: group.responses.map { _ in 5 },
            truncated: group.responses.map { _ in false })
    }

    func score(_ groups: [Group]) async throws(Diagnostic) -> [GroupScore] { scores(groups) }
}

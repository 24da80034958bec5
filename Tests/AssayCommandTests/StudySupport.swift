import Foundation
import JSON
import Ledger
import TestSupport

/// Studies small enough for a second: a world of sixteen prompts and eight answers.
enum SmallStudy {
    /// - Parameters:
    ///   - steps: updates of each run.
    ///   - patch: what the second level sets besides the reward's accuracy.
    static func text(steps: Int = 6, patch: String = "", seeds: Int = 2) -> String {
        """
        study: small
        title: A small study
        question: Does a truer reward give a better policy?
        run:
          world: {kind: lookup, prompts: 16, answers: 8, classes: 4, seed: 1}
          policy: {layers: 1, width: 16, heads: 2, mlp: 32, base: {steps: 20, tolerance: 10}}
          reward: [{name: proxy, kind: planted, accuracy: 0.8}]
          regime: {kind: grpo, steps: \(steps), prompts-per-step: 4, group: 4, learning-rate: 1.0e-2}
          meters: {every: 1, exact-every: 4}
        factors:
          accuracy:
            - {level: 0.6, set: {reward.0.accuracy: 0.6}}
            - {level: 0.9, set: {reward.0.accuracy: 0.9\(patch)}}
        seeds: \(seeds)
        analyses:
          - {kind: levels, outcome: exact.gold, factor: accuracy}
          - {kind: curves, factor: accuracy, meters: [exact.gold]}

        """
    }

    /// The content digest of a ledger's only finished study.
    static func digest(_ ledger: String, in folder: TemporaryFolder) throws -> String? {
        let ledger = try Ledger(path: folder.file(ledger))
        return try ledger.runs().first { $0.status == .done }.map { try ledger.digest(of: $0.id) }
    }
}

/// A decoder of Tests/Fixtures with its tokenizer, and prompts of sums.
enum SmallRun {
    static let policy = Place.fixture("checkpoints/llama")

    static let prompts = (0..<12).map { number in
        "{\"question\": \"\(number) + 1 =\", \"answer\": \"#### \(number + 1)\"}\n"
    }.joined()

    static func arguments(_ more: String...) -> [String] {
        [
            "run", "--policy", policy, "--prompts", "q.jsonl", "--gold", "numeric-answer:answer", "--quiet",
            "--held-out", "4", "--held-out-samples", "1", "--max-tokens", "4", "--steps", "2", "--group", "2",
            "--prompts-per-step", "2", "--threads", "1",
        ] + more
    }
}

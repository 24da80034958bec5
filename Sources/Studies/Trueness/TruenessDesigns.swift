import Diagnostics

/// The studies that `assay trueness` runs: a bank of real runs, and whole A/A studies.
enum TruenessDesigns {
    /// Five accuracies of a planted reward, a verifier, its sham and one that goes in mid-run, a policy that never moves, an A/A arm and a placebo; all
    /// on the same seeds.
    ///
    /// - Throws: `usage` for fewer than 20 seeds or too many.
    static func bank(seeds: Int) throws(Diagnostic) -> StudyDesign {
        guard seeds >= 20 else {
            throw Diagnostic(
                .usage, "a bank of \(seeds) seeds is too small to resample from",
                remedy: "Give at least 20; the document's numbers come from 200")
        }
        return try StudyDesign(parsing: Array(bankText.utf8)).withSeeds(seeds)
    }

    /// A study of an arm and its A/A copy, from nothing but its seeds; the seeds of different studies are disjoint.
    static func sameAgain(study: Int, seeds: Int) throws(Diagnostic) -> StudyDesign {
        let first = 100_000 + study * seeds
        let list = (first..<first + seeds).map(String.init).joined(separator: ", ")
        return try StudyDesign(parsing: Array("\(sameAgainText)seeds: [\(list)]\n".utf8))
    }

    static let run = """
        run:
          world: {kind: lookup}
          policy: {width: 48, layers: 2, heads: 3, mlp: 128}
          reward:
            - {name: proxy, kind: planted, accuracy: 0.7}

        """

    /// The update at which the bank's removed verifier goes.
    static let removal = 30

    private static let bankText = """
        study: trueness-bank
        title: A bank of real runs
        question: How far do runs differ that differ in nothing but their draws?
        \(run)\
          regime: {kind: grpo, steps: 60}
          pieces: [{kind: verifier, size: 4, training: absent}]
          meters: {every: 2, exact-every: 6, held-out-every: 60, held-out-samples: 4}
        factors:
          accuracy:
            - {level: 0.5, set: {reward.0.accuracy: 0.5}}
            - {level: 0.6, set: {reward.0.accuracy: 0.6}}
            - {level: 0.7}
            - {level: 0.8, set: {reward.0.accuracy: 0.8}}
            - {level: 0.9, set: {reward.0.accuracy: 0.9}}
          verifier:
            - {level: absent}
            - {level: sham, set: {pieces.0.training: sham}}
            - {level: real, set: {pieces.0.training: real}}
            - {level: removed, set: {pieces.0.training: real, pieces.0.until: \(removal)}}
          training:
            - {level: free}
            - {level: frozen, set: {regime.learning-rate: 0}}
        exclude:
          - {accuracy: [0.5, 0.6, 0.8, 0.9], verifier: [sham, real, removed]}
          - {training: frozen, accuracy: [0.5, 0.6, 0.8, 0.9]}
          - {training: frozen, verifier: [sham, real, removed]}
        seeds: 200
        controls: {a-a: true, placebo: true, of: {accuracy: 0.7, verifier: absent, training: free}}
        analyses:
          - {kind: levels, outcome: exact.gold, factor: accuracy, within: verifier}
        verdicts: {margin: 0.02, level: 0.95}

        """

    private static let sameAgainText = """
        study: trueness-a-a
        title: An arm against itself
        question: Does an arm differ from itself?
        \(run)\
          regime: {kind: grpo, steps: 20}
          meters: {every: 0, exact-every: 20}
        controls: {a-a: true, placebo: false}
        analyses:
          - {kind: levels, outcome: exact.gold, margin: 0.0001}
        verdicts: {margin: 0.0001, level: 0.95}

        """
}

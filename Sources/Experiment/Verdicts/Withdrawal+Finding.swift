import Statistics

extension Withdrawal {
    /// The verdict as a report shows it.
    public func finding(subject: String) -> Finding {
        Finding(
            verdict: verdict.rawValue, subject: subject, explanation: explanation, tone: tone, rule: rule.summary)
    }

    private var tone: Finding.Tone {
        switch verdict {
        case .inTheWeights: .positive
        case .inTheEnsemble: .negative
        case .both, .neither: .neutral
        case .cannotTell: .open
        }
    }

    private var explanation: String {
        "Internalised \(brief(internalised.estimate)), rented \(brief(rented.estimate)), contribution "
            + "\(brief(contribution.estimate)), survival \(brief(survival)); \(seeds), withdrawn "
            + "\(manner.rawValue)." + cost
    }

    private var seeds: String { internalised.values.count == 1 ? "1 seed" : "\(internalised.values.count) seeds" }

    /// No verdict is named for a piece that leaves the weights worse than its sham does; that it does is said all the same.
    private var cost: String {
        guard verdict == .cannotTell, internalised.upper < 0 else { return "" }
        let worse = "without it the policy is worse than one that never had it (upper(I) < 0)"
        return manner == .atEvaluation && rented.lower > 0
            ? " What it gives is rented (lower(P) > 0), and \(worse): a case that the rule has no verdict for."
            : " \(worse.prefix(1).uppercased())\(worse.dropFirst()): a case that the rule has no verdict for."
    }

    /// A row of a table: contribution, internalised, rented, off − on, and the verdict in words.
    public func row(subject: String) -> [FindingTable.Cell] {
        [
            .text(subject), contribution.estimate.cell, internalised.estimate.cell, rented.estimate.cell, gap.cell,
            .text(brief(survival)), .text(verdict.rawValue),
        ]
    }

    /// The heads of ``row(subject:)``.
    public static let columns = [
        "piece", "contribution", "internalised", "rented", "off − on", "survival (Fieller set)", "verdict",
    ]
}

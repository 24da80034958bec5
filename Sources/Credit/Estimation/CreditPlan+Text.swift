extension CreditPlan {
    /// What a user should know before paying, a line each.
    public var text: String {
        let curve = replays.map(String.init).joined(separator: " ")
        var lines = [
            "replays       \(totalReplays): \(curve) from the states of the value curve",
            "              \(confirmation) to confirm the largest credit, \(reruns) plain reruns"
                + (removals > 0 ? ", \(removals) with a block removed" : ""),
            "tokens        at most \(tokens), \(expectedTokens) if replays cost what the record did",
            "time          \(Self.duration(seconds)) if the program and its models take as long as they did when recorded",
            "half-width    \(EpisodeCredit.text(halfWidth)) for the widest credit, where outcomes vary as much as they can",
        ]
        if isTooWide { lines.append("              more than half the range: needs --force") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<90: "\(Int(seconds.rounded(.up))) s"
        case ..<5400: "\(Int((seconds / 60).rounded(.up))) min"
        default: "\((seconds / 360).rounded(.up) / 10) h"
        }
    }
}

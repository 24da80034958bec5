extension Replayability {
    /// The verdict in a few lines, each ended.
    public var text: String {
        var lines = [
            isReplayable
                ? "replayable: \(matches) of \(requests) requests are as recorded, with the same outcome \(recordedOutcome)"
                : "not replayable: \(reason)"
        ]
        if !isReplayable {
            lines.append("\(matches) of \(requests) requests are as recorded (\(Self.percent(share)))")
            lines.append("outcome: recorded \(recordedOutcome), replayed \(replayedOutcome.map { "\($0)" } ?? "none")")
            lines.append("remedy: \(remedy)")
        }
        if isDeterministic {
            lines.append(
                "every decision was made at temperature 0: to make one again gives the same, so credit needs another temperature"
            )
        }
        switch honoursSeed {
        case true?: lines.append("seed: upstream honours it")
        case false?:
            lines.append(
                "seed: upstream does not honour it; replays are independent all the same, but cannot be paired")
        case nil where wasProbed:
            lines.append("seed: cannot tell, since upstream gave one answer three times, under two seeds")
        case nil: break
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}

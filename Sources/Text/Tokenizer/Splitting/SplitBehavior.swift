import Diagnostics

/// What becomes of the matches that a text is split on.
enum SplitBehavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    init(_ field: TokenizerField) throws(Diagnostic) {
        guard let behavior = SplitBehavior(rawValue: try field.string()) else {
            throw field.unsupported("split behavior", try field.string())
        }
        self = behavior
    }
}

/// A stretch of text that a pattern matched, or one between matches.
struct SplitSegment {
    var range: Range<Int>
    var isMatch: Bool
}

extension SplitBehavior {
    /// The pieces that segments, which cover a text in order, turn into; none of them is empty.
    func pieces(of segments: [SplitSegment]) -> [Range<Int>] {
        switch self {
        case .isolated: segments.map(\.range)
        case .removed: segments.filter { !$0.isMatch }.map(\.range)
        case .contiguous: merged(segments) { $0 == $1 }
        case .mergedWithPrevious: merged(segments) { !$0 && $1 }
        case .mergedWithNext:
            merged(segments.reversed()) { !$0 && $1 }.reversed()
        }
    }

    /// Joins a segment to the piece before it where `joins` says so of the two segments' being matches; what comes
    /// before the first counts as no match.
    private func merged(_ segments: [SplitSegment], joins: (Bool, Bool) -> Bool) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var previous = false
        for segment in segments {
            if joins(previous, segment.isMatch), let last = pieces.popLast() {
                let lower = min(last.lowerBound, segment.range.lowerBound)
                pieces.append(lower..<max(last.upperBound, segment.range.upperBound))
            } else {
                pieces.append(segment.range)
            }
            previous = segment.isMatch
        }
        return pieces
    }
}

/// How far each prompt's path is gone so that the mean accuracy over prompts meets a target.
struct Planting {
    /// Swaps, [prompt].
    private(set) var swaps: [Int]
    /// The mean over the prompts whose accuracy is defined; 1 where none is.
    let accuracy: Double

    /// How many swaps about the target a prompt's end may lie.
    static let reach = 8
    /// How near the mean is brought to the target, where that can be; nearer would only move more ends.
    static let precision = 1e-4

    /// - Parameter paths: each extended by ``reach`` swaps below the target.
    init(_ paths: [PlantedPath], target: Double) {
        let offsets = paths.map { $0.accuracies.map { $0 - target } }
        swaps = paths.map { _ in 0 }
        var sum = 0.0
        for (prompt, offsets) in offsets.enumerated() where !offsets.isEmpty {
            // What the prompts before it miss is made up for by the next ones.
            swaps[prompt] = Self.nearest(in: offsets, to: -sum)
            sum += offsets[swaps[prompt]]
        }
        let defined = offsets.count { !$0.isEmpty }
        sum = Self.refine(&swaps, offsets, sum: sum, until: Self.precision * Double(defined))
        accuracy = defined == 0 ? 1 : target + sum / Double(defined)
    }

    /// The places on a path that lie about the target.
    private static func window(_ offsets: [Double]) -> Range<Int> {
        let crossing = offsets.firstIndex { $0 < 0 } ?? offsets.count
        return max(0, crossing - reach)..<min(offsets.count, crossing + reach)
    }

    private static func nearest(in offsets: [Double], to wanted: Double) -> Int {
        window(offsets).min { abs(offsets[$0] - wanted) < abs(offsets[$1] - wanted) } ?? 0
    }

    /// Moves the ends of two prompts at a time (or of one), those that help most, while that helps.
    private static func refine(
        _ swaps: inout [Int], _ offsets: [[Double]], sum: Double, until precision: Double
    ) -> Double {
        var sum = sum
        for _ in 0..<8 where abs(sum) > precision {
            let moves = moves(from: swaps, offsets)
            guard let pair = bestPair(of: moves, for: -sum), abs(sum + pair.change) < abs(sum) else { return sum }
            for move in pair.moves { swaps[move.prompt] = move.place }
            sum += pair.change
        }
        return sum
    }

    private struct Move {
        var prompt: Int
        var place: Int
        var change: Double
    }

    /// Every move within a window, to stay among them, ascending by what it changes.
    private static func moves(from swaps: [Int], _ offsets: [[Double]]) -> [Move] {
        let moves = offsets.indices.flatMap { prompt in
            window(offsets[prompt]).map { place in
                Move(prompt: prompt, place: place, change: offsets[prompt][place] - offsets[prompt][swaps[prompt]])
            }
        }
        return moves.sorted { ($0.change, $0.prompt, $0.place) < ($1.change, $1.prompt, $1.place) }
    }

    /// The two moves of different prompts whose changes add up to nearest what is wanted.
    private static func bestPair(of moves: [Move], for wanted: Double) -> (moves: [Move], change: Double)? {
        var best: (moves: [Move], change: Double)?
        var upper = moves.count - 1
        for first in moves {
            while upper > 0, first.change + moves[upper].change > wanted { upper -= 1 }
            // The two about the crossing, and a few beyond them, where the first is a move of the same prompt.
            for second in moves[max(0, upper - 3)...min(moves.count - 1, upper + 4)] where second.prompt != first.prompt
            {
                let change = first.change + second.change
                if abs(change - wanted) < abs((best?.change ?? .infinity) - wanted) {
                    best = ([first, second], change)
                }
            }
        }
        return best ?? moves.min { abs($0.change - wanted) < abs($1.change - wanted) }.map { ([$0], $0.change) }
    }
}

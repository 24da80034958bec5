import Diagnostics
import Statistics

/// The rewards of a chosen and a rejected response.
struct MarginPair {
    var chosen: Double
    var rejected: Double
    var cluster: Int
}

/// mean|r⁺ − r⁻| divided by a standard deviation of the rewards, as a function of how often each prompt was drawn.
///
/// The standard deviation has the divisor N − 1 over all N rewards, as the published figure's has; the form within prompts
/// puts the rewards less their own prompt's mean in the rewards' place.
struct NormalizedMargin {
    fileprivate struct Prompt {
        var margins = 0.0
        var pairs = 0
        var sum = 0.0
        var squares = 0.0
        var residualSquares = 0.0
    }

    private let prompts: [Prompt]
    private let spread: Metric.Spread

    var clusterCount: Int { prompts.count }

    init(_ pairs: [MarginPair], _ spread: Metric.Spread) {
        self.spread = spread
        // Squares are taken about the mean, or digits are lost where rewards are far from zero.
        let mean = pairs.reduce(0) { $0 + $1.chosen + $1.rejected } / Double(2 * max(1, pairs.count))
        var index: [Int: Int] = [:]
        var prompts: [Prompt] = []
        for pair in pairs {
            let place = index[pair.cluster] ?? prompts.count
            if place == prompts.count {
                index[pair.cluster] = place
                prompts.append(Prompt())
            }
            prompts[place].add(pair.chosen - mean, pair.rejected - mean)
        }
        self.prompts = prompts.map(\.centred)
    }

    /// The margin where prompt c counts `multiplicities[c]` times; NaN where the rewards do not vary.
    func callAsFunction(_ multiplicities: [Int]) -> Double {
        var total = Prompt()
        for (prompt, times) in zip(prompts, multiplicities) where times > 0 { total.add(prompt, times: times) }
        let count = Double(2 * total.pairs)
        let squares =
            switch spread {
            case .plain: total.squares - total.sum * total.sum / count
            case .withinPrompt: total.residualSquares
            }
        return squares > 0 ? total.margins / Double(total.pairs) / (squares / (count - 1)).squareRoot() : .nan
    }
}

extension NormalizedMargin.Prompt {
    /// The same with what is left of the squares after the prompt's own mean is taken out.
    fileprivate var centred: Self {
        var copy = self
        copy.residualSquares = max(0, squares - sum * sum / Double(2 * pairs))
        return copy
    }

    fileprivate mutating func add(_ chosen: Double, _ rejected: Double) {
        margins += abs(chosen - rejected)
        pairs += 1
        sum += chosen + rejected
        squares += chosen * chosen + rejected * rejected
    }

    fileprivate mutating func add(_ other: Self, times: Int) {
        margins += Double(times) * other.margins
        pairs += times * other.pairs
        sum += Double(times) * other.sum
        squares += Double(times) * other.squares
        residualSquares += Double(times) * other.residualSquares
    }
}

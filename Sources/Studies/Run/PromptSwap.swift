import Diagnostics
import Experiment
import Statistics
import Worlds

/// How much of a reward's preferences needs no prompt, where a response's content fits its prompt or does not.
///
/// Pairs are two responses of which one fits the prompt and one fits another. The prompt-free share is that of the variance of scores that
/// stays when each response's score is averaged over prompts (1: the prompt says nothing). The preference kept is the share of pairs
/// ordered as before after the prompt is exchanged for one that neither response fits.
struct PromptSwap {
    let world: MatchWorld
    let gold: [[Double]]
    /// [prompt][response].
    let table: [[Double]]
    let responses: [Response]

    func readings() throws(Diagnostic) -> [Reading] {
        [
            Reading("static.prompt-free-share", promptFreeShare, standardError: 0),
            Reading("static.swap-kept", try preferenceKept(), n: Self.pairs),
        ] + (try flips())
    }

    /// How far a score moves when one attribute of a response is changed and nothing else: the mean of |difference| over prompts and
    /// responses, in within-prompt standard deviations of the score.
    private func flips() throws(Diagnostic) -> [Reading] {
        let place = Dictionary(
            responses.enumerated().map { ($1.tokens, $0) }, uniquingKeysWith: { first, _ in first })
        let deviation = withinPromptDeviation
        var readings: [Reading] = []
        for attribute in MatchWorld.Attribute.allCases where world.count(of: attribute) > 1 {
            var sum = 0.0
            for (index, response) in responses.enumerated() {
                var stream = RandomStream(seed: 0, purpose: "meter flips", item: UInt64(index))
                let flipped = try world.flipped(attribute, of: response, &stream)
                guard let other = place[flipped.tokens] else { continue }
                sum += table.reduce(0) { $0 + ($1[index] - $1[other]).magnitude }
            }
            let mean = sum / Double(max(responses.count * table.count, 1))
            readings.append(
                Reading("static.flip-\(attribute.rawValue)", deviation > 0 ? mean / deviation : nil, standardError: 0))
        }
        return readings
    }

    private var withinPromptDeviation: Double {
        let variances = table.map { row in
            let mean = row.reduce(0, +) / Double(max(row.count, 1))
            return row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(row.count, 1))
        }
        return (variances.reduce(0, +) / Double(max(variances.count, 1))).squareRoot()
    }

    private var promptFreeShare: Double? {
        let prompts = Double(table.count)
        let means = responses.indices.map { response in table.reduce(0) { $0 + $1[response] } / prompts }
        let overall = means.reduce(0, +) / Double(max(means.count, 1))
        let between = means.reduce(0) { $0 + ($1 - overall) * ($1 - overall) } / Double(max(means.count, 1))
        // Within a prompt only: what shifts all responses to a prompt alike is no preference.
        var total = 0.0
        for row in table {
            let mean = row.reduce(0, +) / Double(row.count)
            total += row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        }
        return total > 0 ? min(1, between / (total / prompts)) : nil
    }

    private static let pairs = 4000

    private func preferenceKept() throws(Diagnostic) -> Double? {
        var kept = 0.0
        var counted = 0
        for item in 0..<Self.pairs {
            var stream = RandomStream(seed: 0, purpose: "meter prompt swap", item: UInt64(item))
            let prompt = stream.below(table.count)
            let (first, second) = (stream.below(responses.count), stream.below(responses.count))
            guard gold[prompt][first] != gold[prompt][second] else { continue }
            guard let other = strangers(to: [first, second]).randomElement(&stream) else { continue }
            let before = table[prompt][first] - table[prompt][second]
            let after = table[other][first] - table[other][second]
            counted += 1
            kept += before * after > 0 ? 1 : before * after == 0 ? 0.5 : 0
        }
        return counted > 0 ? kept / Double(counted) : nil
    }

    /// Prompts that none of the responses fits.
    private func strangers(to responses: [Int]) -> [Int] {
        gold.indices.filter { prompt in responses.allSatisfy { gold[prompt][$0] == 0 } }
    }
}

extension [Int] {
    fileprivate func randomElement(_ stream: inout RandomStream) -> Int? {
        isEmpty ? nil : self[stream.below(count)]
    }
}

import Experiment

/// One verdict for a question that was asked of several groups of arms, so that a page is read in a minute; each group's numbers
/// are in the tables.
struct VerdictSummary: Sendable {
    /// A group's answer.
    struct Answer: Sendable {
        var subject: String
        var verdict: String
        var tone: Finding.Tone
        var explanation: String

        init(subject: String, verdict: String, tone: Finding.Tone, explanation: String) {
            self.subject = subject
            self.verdict = verdict
            self.tone = tone
            self.explanation = explanation
        }

        init(_ finding: Finding) {
            self.init(
                subject: finding.subject, verdict: finding.verdict, tone: finding.tone, explanation: finding.explanation
            )
        }
    }

    var answers: [Answer]
    var rule: String

    /// The one answer as it is; of several, how many gave each verdict, the most telling first.
    func finding(subject: String) -> Finding {
        if answers.count == 1, let answer = answers.first {
            let place = answer.subject == "all arms" ? subject : "\(subject), \(answer.subject)"
            return Finding(
                verdict: answer.verdict, subject: place, explanation: answer.explanation, tone: answer.tone, rule: rule)
        }
        let verdicts = counts.map {
            $0.count == answers.count ? $0.verdict : "\($0.verdict): \($0.count) of \(answers.count)"
        }
        return Finding(
            verdict: verdicts.joined(separator: "; "), subject: subject, explanation: explanation, tone: tone,
            rule: rule)
    }

    /// Verdicts with their counts, those that say something first.
    private var counts: [(verdict: String, count: Int)] {
        var names: [String] = []
        for tone in Self.order {
            for answer in answers where answer.tone == tone && !names.contains(answer.verdict) {
                names.append(answer.verdict)
            }
        }
        return names.map { name in (name, answers.count { $0.verdict == name }) }
    }

    private static let order: [Finding.Tone] = [.positive, .negative, .neutral, .open]

    /// The most telling tone; a neutral one only where nothing stays open.
    private var tone: Finding.Tone {
        let tones = Set(answers.map(\.tone))
        if let clear = [Finding.Tone.negative, .positive].first(where: tones.contains) { return clear }
        return tones == [.neutral] ? .neutral : .open
    }

    private var explanation: String {
        let telling = answers.filter { $0.tone == .positive || $0.tone == .negative }
        guard telling.isEmpty else {
            return telling.map { "\(capitalised($0.subject)): \($0.explanation)" }.joined(separator: " ")
        }
        let parts = counts.map { entry in
            let places = answers.filter { $0.verdict == entry.verdict }.map(\.subject)
            return "\(capitalised(entry.verdict)): \(places.joined(separator: "; "))."
        }
        return (parts + ["The tables have each one's numbers."]).joined(separator: " ")
    }
}

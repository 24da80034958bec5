import Diagnostics
import Experiment
import Statistics

/// Three decimals, or three digits of what is smaller than a tenth.
func short(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "undefined" : value < 0 ? "−∞" : "∞" }
    var scale = 1000.0
    while value != 0, (value * scale).magnitude < 100, scale < 1e12 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    let text =
        rounded.magnitude == rounded.magnitude.rounded() && rounded.magnitude < 1e15
        ? String(Int(rounded.magnitude)) : "\(rounded.magnitude)"
    return rounded < 0 ? "−\(text)" : text
}

/// `0.21 [0.1, 0.3]`; a set in two pieces as both of them; `unbounded` where nothing bounds it.
func short(_ estimate: Estimate) -> String {
    let pieces = estimate.interval.pieces.map { "[\(short($0.lowerBound)), \(short($0.upperBound))]" }
    return "\(short(estimate.point)) \(pieces.joined(separator: " or "))"
}

/// `1 seed`, `8 seeds`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// `8 seeds`; `5 to 8 seeds` where not every mean is of as many. Nothing is shown where there is none.
func counted(_ counts: [Int], _ noun: String) -> String {
    let counts = counts.filter { $0 > 0 }
    guard let low = counts.min(), let high = counts.max(), low < high else { return counted(counts.first ?? 0, noun) }
    return "\(low) to \(counted(high, noun))"
}

/// Lower-case words and hyphens, for the names of files.
func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.joined(separator: "-")
}

extension Estimate {
    var tableCell: FindingTable.Cell {
        guard point.isFinite else { return .missing }
        return .estimate(point: point, lower: interval.lower, upper: interval.upper)
    }

    /// A figure's point at a place; ends that are infinite are left out.
    func point(at x: Double) -> Figure.Point {
        Figure.Point(
            x: x, y: point, lower: interval.lower.isFinite ? interval.lower : nil,
            upper: interval.upper.isFinite ? interval.upper : nil)
    }
}

extension StudyDesign {
    /// The rule of a verdict of this study: its margin and level, unless the analysis has a margin of its own.
    ///
    /// - Parameter isOfFamily: whether its p value is one of several that Holm adjusts. Sign flips of n seeds have no p below
    ///   2/2ⁿ, so that of nine contrasts and eight seeds none could ever differ; such a rule takes Student's t alone.
    func rule(
        _ question: Experiment.VerdictRule.Question, outcome: String, margin: Double? = nil, isOfFamily: Bool = false
    ) throws(Diagnostic) -> Experiment.VerdictRule {
        // 1 − 0.95 is not 0.05 in binary.
        let alpha = ((1 - verdicts.level) * 1e12).rounded() / 1e12
        do throws(Diagnostic) {
            return try Experiment.VerdictRule(
                question, outcome: outcome, margin: margin ?? verdicts.margin, alpha: alpha, level: verdicts.level,
                bounds: isOfFamily ? .student : .cautious)
        } catch {
            throw Diagnostic(error.category, error.message, at: .init(field: "verdicts"), remedy: error.remedy)
        }
    }
}

/// With its first letter large.
func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

/// `95%`.
func percent(_ share: Double) -> String { "\(short((share * 1000).rounded() / 10))%" }

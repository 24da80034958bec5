import Diagnostics
import Experiment
import JSON
import Statistics

/// A group's arms in ascending order of their factor: of its numbers, of what a meter read of the arms before training (a
/// reward's static accuracy), or as the study lists them.
struct LevelOrder: Sendable {
    let arms: [ArmReadings]
    /// Where they stand on an axis.
    let places: [Double]
    /// What the levels are called.
    let names: [String]
    /// Whether the places are the levels' positions in the list, so that an axis has their names.
    let isCategorical: Bool

    /// - Parameter against: the meter whose first reading, averaged over seeds, is the place; `nil`: the level itself.
    init(_ arms: [ArmReadings], factor: StudyDesign.Factor?, against: String?) {
        let read = against.map { meter in arms.map { Self.mean($0.firsts(meter)) } }
        let numbers = arms.map { arm in factor.flatMap { arm.levels[$0.name]?.doubleValue } }
        let known = (read ?? numbers).compactMap { $0 }
        isCategorical = known.count < arms.count || arms.isEmpty
        let places = isCategorical ? arms.indices.map { Double($0) } : known
        let order = arms.indices.sorted { (places[$0], $0) < (places[$1], $1) }
        self.arms = order.map { arms[$0] }
        self.places = order.map { places[$0] }
        names = order.map { index in
            let arm = arms[index]
            guard let level = factor.flatMap({ arm.levels[$0.name] }) else { return ArmGroup.title(of: arm.levels) }
            return level.stringValue ?? level.text
        }
    }

    private static func mean(_ values: [Double?]) -> Double? {
        let known = values.compactMap { $0 }
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    /// Outcomes of the seeds that have one at every level, [seed][level], and how many seeds had not.
    func completeRows(_ read: (ArmReadings) -> [Double?]) -> (rows: [[Double]], seeds: [Int], missing: Int) {
        let columns = arms.map(read)
        var rows: [[Double]] = []
        var seeds: [Int] = []
        for seed in 0..<(columns.first?.count ?? 0) {
            let row = columns.compactMap { $0[seed] }
            guard row.count == columns.count else { continue }
            rows.append(row)
            seeds.append(seed)
        }
        return (rows, seeds, (columns.first?.count ?? 0) - rows.count)
    }
}

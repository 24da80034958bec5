import Diagnostics

/// Maps arbitrary cluster labels to 0, 1, 2, … in the order of first appearance, so sums do not depend on hashing.
struct ClusterIndex {
    /// For each value its cluster's index.
    private(set) var indices: [Int] = []
    private(set) var count = 0
    private(set) var sizes: [Int] = []

    init(_ labels: [Int]) {
        var known: [Int: Int] = [:]
        indices.reserveCapacity(labels.count)
        for label in labels {
            let index = known[label] ?? count
            if index == count {
                known[label] = count
                sizes.append(0)
                count += 1
            }
            sizes[index] += 1
            indices.append(index)
        }
    }

    /// The sum of the values of each cluster.
    func sums(_ values: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        for (index, value) in zip(indices, values) { sums[index] += value }
        return sums
    }

    var hasOneValueEach: Bool { count == indices.count }
}

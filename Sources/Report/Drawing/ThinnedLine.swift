/// A line that looks the same and has at most four places a pixel column: the first, the lowest, the highest and the last
/// (the M4 aggregation of Jugel, Jerzak, Hackenbroich and Markl, VLDB 2014).
struct ThinnedLine {
    let places: [Place]

    /// Shorter lines are left as they are.
    private static let longest = 2000

    init(_ line: [Place]) {
        guard line.count > Self.longest else {
            places = line
            return
        }
        var kept: [Place] = []
        var start = 0
        for index in 1...line.count where index == line.count || Self.column(line[index]) != Self.column(line[start]) {
            kept += Self.corners(line[start..<index])
            start = index
        }
        places = kept
    }

    private static func column(_ place: Place) -> Double { place.x.rounded(.down) }

    private static func corners(_ column: ArraySlice<Place>) -> [Place] {
        let (low, high) = (
            column.indices.min { column[$0].y < column[$1].y }, column.indices.max { column[$0].y < column[$1].y }
        )
        let indices = [column.startIndex, low, high, column.endIndex - 1].compactMap { $0 }
        return Set(indices).sorted().map { column[$0] }
    }
}

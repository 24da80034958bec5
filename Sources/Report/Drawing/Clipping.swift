/// The part of the picture in which data are drawn; lines and areas are cut at its edges by calculation, so that the file
/// needs no clip paths and no coordinate leaves the picture.
struct Frame: Equatable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    var width: Double { right - left }
    var height: Double { bottom - top }

    /// The pieces of a line that lie inside.
    func clip(line: [Place]) -> [[Place]] {
        guard line.count > 1 else { return line.filter(contains).map { [$0] } }
        var pieces: [[Place]] = []
        for (start, end) in zip(line, line.dropFirst()) {
            guard let segment = clip(from: start, to: end) else { continue }
            if pieces.last?.last == segment.start {
                pieces[pieces.count - 1].append(segment.end)
            } else {
                pieces.append([segment.start, segment.end])
            }
        }
        return pieces
    }

    /// The part of an area that lies inside; empty where none does.
    func clip(area: [Place]) -> [Place] {
        var corners = area
        corners = Self.cut(corners, inside: { $0.x >= left }, at: { Self.crossing($0, $1, x: left) })
        corners = Self.cut(corners, inside: { $0.x <= right }, at: { Self.crossing($0, $1, x: right) })
        corners = Self.cut(corners, inside: { $0.y >= top }, at: { Self.crossing($0, $1, y: top) })
        return Self.cut(corners, inside: { $0.y <= bottom }, at: { Self.crossing($0, $1, y: bottom) })
    }

    func contains(_ place: Place) -> Bool {
        place.x >= left - 0.01 && place.x <= right + 0.01 && place.y >= top - 0.01 && place.y <= bottom + 0.01
    }

    /// Liang and Barsky: the parameters at which a segment enters and leaves.
    private func clip(from start: Place, to end: Place) -> (start: Place, end: Place)? {
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        var (enter, leave) = (0.0, 1.0)
        let edges = [
            (-dx, start.x - left), (dx, right - start.x), (-dy, start.y - top), (dy, bottom - start.y),
        ]
        for (direction, room) in edges {
            if direction == 0 {
                if room < 0 { return nil }
            } else if direction < 0 {
                enter = max(enter, room / direction)
            } else {
                leave = min(leave, room / direction)
            }
        }
        guard enter <= leave else { return nil }
        let first = enter == 0 ? start : Place(x: start.x + enter * dx, y: start.y + enter * dy)
        let last = leave == 1 ? end : Place(x: start.x + leave * dx, y: start.y + leave * dy)
        return (clamped(first), clamped(last))
    }

    /// A place on an edge that rounding has put beyond it.
    private func clamped(_ place: Place) -> Place {
        Place(x: min(max(place.x, left), right), y: min(max(place.y, top), bottom))
    }

    /// Sutherland and Hodgman: one edge.
    private static func cut(
        _ corners: [Place], inside: (Place) -> Bool, at crossing: (Place, Place) -> Place
    ) -> [Place] {
        var kept: [Place] = []
        guard var previous = corners.last else { return [] }
        for corner in corners {
            if inside(corner) != inside(previous) { kept.append(crossing(previous, corner)) }
            if inside(corner) { kept.append(corner) }
            previous = corner
        }
        return kept
    }

    private static func crossing(_ start: Place, _ end: Place, x: Double) -> Place {
        Place(x: x, y: start.y + (end.y - start.y) * (x - start.x) / (end.x - start.x))
    }

    private static func crossing(_ start: Place, _ end: Place, y: Double) -> Place {
        Place(x: start.x + (end.x - start.x) * (y - start.y) / (end.y - start.y), y: y)
    }
}

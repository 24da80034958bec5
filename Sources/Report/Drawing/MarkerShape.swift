/// The outline of a point, so that series differ without colour too. All cover about the same area.
enum MarkerShape: Int, CaseIterable {
    case circle, square, triangle, diamond, pointingDown, plus, cross

    /// The path around a place, for a circle of this radius.
    func path(x: Double, y: Double, radius: Double) -> String {
        guard self != .circle else { return Self.circle(x, y, radius) }
        let corners = corners.map { Place(x: x + $0.0 * radius, y: y + $0.1 * radius) }
        return PathText(corners, isClosed: true).text
    }

    /// For a circle of radius 1.
    private var corners: [(Double, Double)] {
        switch self {
        case .circle: []
        case .square: [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
        case .triangle: [(0, -1.25), (1.15, 0.8), (-1.15, 0.8)]
        case .diamond: [(0, -1.3), (1.2, 0), (0, 1.3), (-1.2, 0)]
        case .pointingDown: [(0, 1.25), (1.15, -0.8), (-1.15, -0.8)]
        case .plus: Self.armed
        case .cross: Self.armed.map { (($0.0 - $0.1) * 0.707, ($0.0 + $0.1) * 0.707) }
        }
    }

    private static let armed: [(Double, Double)] = [
        (-0.45, -1.3), (0.45, -1.3), (0.45, -0.45), (1.3, -0.45), (1.3, 0.45), (0.45, 0.45), (0.45, 1.3),
        (-0.45, 1.3), (-0.45, 0.45), (-1.3, 0.45), (-1.3, -0.45), (-0.45, -0.45),
    ]

    private static func circle(_ x: Double, _ y: Double, _ radius: Double) -> String {
        let r = Numeral.coordinate(radius)
        let (left, right) = (Numeral.coordinate(x - radius), Numeral.coordinate(x + radius))
        let middle = Numeral.coordinate(y)
        return "M\(left) \(middle)A\(r) \(r) 0 1 1 \(right) \(middle)A\(r) \(r) 0 1 1 \(left) \(middle)Z"
    }
}

/// A point of the picture, in pixels from the upper left corner.
struct Place: Equatable {
    var x: Double
    var y: Double
}

/// A path of straight lines.
struct PathText {
    let text: String

    init(_ places: [Place], isClosed: Bool = false) {
        let steps = places.enumerated().map { index, place in
            (index == 0 ? "M" : "L") + Numeral.coordinate(place.x) + " " + Numeral.coordinate(place.y)
        }
        text = steps.joined() + (isClosed ? "Z" : "")
    }
}

/// The sizes of a drawing, in pixels. A picture is never scaled far from these, so that its letters stay readable: a page shows
/// the wide form on a desk and on paper, the narrow one on a phone.
struct ChartForm: Sendable, Equatable {
    /// Names the form in identifiers.
    let name: String
    let width: Double
    let plotHeight: Double
    let letterSize: Double
    let markerRadius: Double
    /// Rough distance of ticks.
    let tickDistance: (x: Double, y: Double)

    static let wide = ChartForm(
        name: "wide", width: 880, plotHeight: 340, letterSize: 13, markerRadius: 4, tickDistance: (80, 48))
    static let narrow = ChartForm(
        name: "narrow", width: 360, plotHeight: 240, letterSize: 12, markerRadius: 3.2, tickDistance: (52, 40))
    static let small = ChartForm(
        name: "small", width: 320, plotHeight: 150, letterSize: 11.5, markerRadius: 2.8, tickDistance: (52, 36))

    var lineHeight: Double { (letterSize * 1.3).rounded() }

    static func == (left: ChartForm, right: ChartForm) -> Bool { left.name == right.name }
}

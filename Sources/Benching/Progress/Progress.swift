import Diagnostics
/// Tells on standard error how far a run is: a bar with the time left on a terminal, a line every ten seconds elsewhere.
///
/// Progress is measured in tokens to compute where there are any, else in rows.
final class Progress {
    /// How progress is shown.
    enum Style { case silent, lines, bar }

    private let style: Style
    private let title: String
    private let total: Int
    private let unit: String
    private let write: (String) -> Void
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant
    private var done = 0
    /// What was done before, by an earlier part of the run: it says nothing about speed.
    private let inherited: Int

    init(
        _ title: String, total: Int, unit: String, inherited: Int = 0, style: Style,
        write: @escaping (String) -> Void = Terminal.writeError
    ) {
        self.title = title
        self.total = total
        self.unit = unit
        self.inherited = inherited
        self.style = style
        self.write = write
        lastShown = start
        if style == .bar { show() }
    }

    /// The style for the stream that standard error is.
    static func style(isQuiet: Bool) -> Style { isQuiet ? .silent : (Terminal.isInteractive ? .bar : .lines) }

    func advance(by amount: Int) {
        done += amount
        let pause: Duration = style == .bar ? .milliseconds(100) : .seconds(10)
        guard style != .silent, lastShown.duration(to: .now) >= pause else { return }
        lastShown = .now
        show()
    }

    /// Takes the bar away.
    func finish() {
        if style == .bar { write("\r\u{1B}[K") }
    }

    private func show() {
        switch style {
        case .silent: break
        case .lines: write("\(title): \(status)\n")
        case .bar: write("\r\u{1B}[K" + String(bar.prefix(max(20, Terminal.columns - 1))))
        }
    }

    private var bar: String {
        let width = 24
        let filled = Int((share * Double(width)).rounded(.down))
        return "\(title) [" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            + "] \(status)"
    }

    private var share: Double { total > 0 ? min(1, Double(inherited + done) / Double(total)) : 1 }

    var status: String {
        let seconds = start.duration(to: .now) / .seconds(1)
        var text = "\(inherited + done) of \(total) \(unit), \(Int((share * 100).rounded(.down)))%"
        if done > 0, seconds > 0 {
            let rate = Double(done) / seconds
            text += ", \(Numerals.compact(rate)) \(unit)/s"
            if share < 1 { text += ", \(Numerals.duration(Double(total - inherited - done) / rate)) left" }
        }
        return text
    }
}

/// Amounts as people read them in a plan and a progress line.
enum Amount {
    /// `42 s`, `3 min 05 s`, `2 h 07 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "unknown" }
        if seconds < 10 { return "\(oneDecimal(seconds)) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
        return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min"
    }

    /// About three digits with a unit letter: `37`, `12.4k`, `3.1M`, `8.2T`.
    static func compact(_ value: Double) -> String {
        scaled(value, by: 1000, units: ["", "k", "M", "G", "T", "P", "E"])
    }

    /// `512 bytes`, `1.5 GiB`.
    static func bytes(_ count: Int) -> String {
        scaled(Double(count), by: 1024, units: [" bytes", " KiB", " MiB", " GiB", " TiB"])
    }

    private static func scaled(_ value: Double, by base: Double, units: [String]) -> String {
        guard value.isFinite else { return "unknown" }
        var value = value
        var unit = 0
        while value >= base, unit < units.count - 1 {
            value /= base
            unit += 1
        }
        return (unit == 0 ? String(Int(value.rounded())) : oneDecimal(value)) + units[unit]
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}

/// Numbers as people read them in plans, tables of a terminal and progress lines.
public enum Numerals {
    /// A number with a fixed count of decimals, rounded half to even on its decimal value as C does; `-` for NaN.
    public static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "-" : (value < 0 ? "-inf" : "inf") }
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (abs(value) * scale).rounded(.toNearestOrEven)
        guard scaled < 1e15 else { return String(value) }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// Three leading digits with a unit letter: `1.95`, `37.2`, `1370`, `12.4k`, `3.10M`, `8.21T`.
    public static func compact(_ value: Double) -> String {
        switch abs(value) {
        case ..<10: fixed(value, 2)
        case ..<100: fixed(value, 1)
        case ..<10_000: fixed(value, 0)
        case ..<1e6: fixed(value / 1000, 1) + "k"
        case ..<1e9: fixed(value / 1e6, 2) + "M"
        case ..<1e12: fixed(value / 1e9, 2) + "G"
        case ..<1e15: fixed(value / 1e12, 2) + "T"
        default: fixed(value / 1e15, 2) + "P"
        }
    }

    /// A count in at most five characters: `37`, `1370`, `12.4k`.
    public static func compact(_ count: Int) -> String { count < 10_000 ? String(count) : compact(Double(count)) }

    /// `42 s`, `3 min 05 s`, `2 h 07 min`, `3 d 4 h`.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "unknown" }
        if seconds < 10 { return fixed(seconds, 1) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        if whole < 172_800 { return "\(whole / 3600) h \(padded(whole / 60 % 60)) min" }
        return "\(whole / 86_400) d \(whole / 3600 % 24) h"
    }

    /// `512 bytes`, `1.5 GiB`.
    public static func bytes(_ count: Int) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard count >= 1024 else { return "\(count) bytes" }
        var value = Double(count) / 1024
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(fixed(value, value < 10 ? 2 : 1)) \(units[unit])"
    }

    /// A p value: `0.031`, `< 0.001`.
    public static func probability(_ value: Double) -> String {
        value < 0.001 ? "<0.001" : fixed(value, value < 0.1 ? 3 : 2)
    }

    private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A date and a time of day without a time zone, as a template formats it.
public struct LocalTime: Sendable, Hashable {
    public var year: Int
    /// From 1 to 12.
    public var month: Int
    /// From 1 to 31.
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int

    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The time now, where the machine's clock thinks that it is.
    public static var current: LocalTime {
        var (seconds, parts) = (time(nil), tm())
        localtime_r(&seconds, &parts)
        return LocalTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
    }

    /// The time as C's `strftime` writes it, with the zone left empty as in Python; `nil` where it is beyond 64 KiB.
    func formatted(_ format: String) -> String? {
        var parts = brokenDown
        let ownFormat = Self.withoutZone(format)
        guard !ownFormat.isEmpty else { return "" }
        // A mark at the end tells an empty result from one that does not fit.
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        let count = strftime(&buffer, buffer.count, ownFormat + "|", &parts)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count - 1).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private var brokenDown: tm {
        var parts = tm()
        parts.tm_year = Int32(clamping: year - 1900)
        parts.tm_mon = Int32(clamping: month - 1)
        parts.tm_mday = Int32(clamping: day)
        parts.tm_hour = Int32(clamping: hour)
        parts.tm_min = Int32(clamping: minute)
        parts.tm_sec = Int32(clamping: second)
        parts.tm_isdst = -1
        var copy = parts
        // Only the day of the week and of the year are wanted, which do not depend on a zone.
        timegm(&copy)
        parts.tm_wday = copy.tm_wday
        parts.tm_yday = copy.tm_yday
        return parts
    }

    /// Python fills these in itself: a time without a zone has no name, no offset, and here no fraction of a second.
    private static func withoutZone(_ format: String) -> String {
        var output = ""
        var rest = format.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%", let letter = rest.popFirst() else {
                output.unicodeScalars.append(scalar)
                continue
            }
            switch letter {
            case "z", "Z": break
            case "f": output += "000000"
            default: output += "%\(letter)"
            }
        }
        return output
    }
}

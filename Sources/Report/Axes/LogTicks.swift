#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ticks of a logarithmic axis: 1, 2 and 5 times powers of ten where there is room, else powers of ten, else each so many of
/// them; the powers of two where the data stand on those.
struct LogTicks {
    let ticks: [Tick]

    /// - Parameters:
    ///   - low: greater than 0 and less than `high`.
    ///   - data: what stands on the axis; only looked at for powers of two.
    ///   - fits: whether the labels have room.
    init(
        from low: Double, to high: Double, data: [Double] = [], maximum: Int, fits: ([Tick]) -> Bool = { _ in true }
    ) {
        let candidates = Self.candidates(low, high, data)
        let good = candidates.first { (2...max(maximum, 2)).contains($0.count) && fits($0) }
        ticks = good ?? candidates.last { !$0.isEmpty } ?? []
    }

    /// From fine to coarse.
    private static func candidates(_ low: Double, _ high: Double, _ data: [Double]) -> [[Tick]] {
        let decades = PowerOfTen.floor(low)...PowerOfTen.floor(high)
        var candidates: [[Tick]] = []
        if let doublings = doublings(low, high, data) { candidates += doublings }
        if high / low < 4 { candidates.append(LinearTicks(from: low, to: high, maximum: 6).ticks) }
        candidates.append(ticks(decades, [1, 2, 5], low, high))
        candidates.append(ticks(decades, [1, 3], low, high))
        for stride in [1, 2, 3, 5, 10, 20, 50, 100, 200] {
            candidates.append(ticks(decades, [1], low, high, every: stride))
        }
        return candidates
    }

    private static func ticks(
        _ decades: ClosedRange<Int>, _ mantissas: [Int], _ low: Double, _ high: Double, every stride: Int = 1
    ) -> [Tick] {
        let isPlain = decades.lowerBound >= -3 && decades.upperBound < 6
        let powers = decades.filter { $0.isMultiple(of: stride) }
        let all = powers.flatMap { power in mantissas.map { tick($0, power, isPlain: isPlain) } }
        return all.filter { $0.value >= low * (1 - 1e-9) && $0.value <= high * (1 + 1e-9) }
    }

    private static func tick(_ mantissa: Int, _ power: Int, isPlain: Bool) -> Tick {
        let value = Double("\(mantissa)e\(power)") ?? 0
        guard !isPlain else {
            return Tick(
                value: value, label: DecimalDigits(integer: mantissa, power: power).fixed(decimals: max(0, -power)))
        }
        return Tick(value: value, label: (mantissa == 1 ? "" : "\(mantissa)×") + Numeral.powerOfTen(power))
    }

    /// Every power of two, every second, and so on; `nil` where the data are something else or too far apart.
    private static func doublings(_ low: Double, _ high: Double, _ data: [Double]) -> [[Tick]]? {
        let isDoubling = data.allSatisfy { $0 >= 1 && $0 < 1e6 && $0.significand == 1 }
        guard isDoubling, Set(data).count >= 3, high < 1e7 else { return nil }
        let exponents = (0...23).filter { (low...high).contains(Double(1 << $0)) }
        return (1...4).map { stride in
            exponents.filter { $0.isMultiple(of: stride) }
                .map { Tick(value: Double(1 << $0), label: Numeral.text(1 << $0)) }
        }
    }

    /// Unlabelled places at 2…9 times the powers of ten, where there are few enough decades to show them.
    static func minor(from low: Double, to high: Double) -> [Tick] {
        let decades = PowerOfTen.floor(low)...PowerOfTen.floor(high)
        guard decades.count <= 6 else { return [] }
        return ticks(decades, Array(2...9), low, high).map { Tick(value: $0.value, label: "") }
    }
}

/// The decimal logarithm of a positive number.
func decimalLogarithm(_ value: Double) -> Double { log10(value) }

/// 10 to a power.
func decimalExponential(_ value: Double) -> Double { pow(10, value) }

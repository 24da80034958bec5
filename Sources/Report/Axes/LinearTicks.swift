/// Ticks at multiples of 1, 2 or 5 times a power of ten.
struct LinearTicks {
    /// The distance between ticks is ``mantissa`` × 10^``power``.
    let mantissa: Int
    let power: Int
    /// The first and the last tick, in steps.
    private let first: Int
    private let last: Int

    /// The finest ticks within `low...high` that are no more than `maximum` and satisfy `fits`. An axis with one tick says
    /// little, so up to two more than the maximum are taken where it would come to that and they fit.
    ///
    /// - Parameters:
    ///   - low: less than `high`; their difference at least 10⁻²⁹⁰ and 10⁻⁹ of the larger.
    ///   - fits: whether the labels have room.
    init(from low: Double, to high: Double, maximum: Int, fits: ([Tick]) -> Bool = { _ in true }) {
        var candidate = LinearTicks(low, high, mantissa: 1, power: PowerOfTen.floor((high - low) / 100))
        var finer = candidate
        while candidate.count > max(maximum, 1) || !fits(candidate.ticks) {
            guard candidate.count > 1 else { break }
            (finer, candidate) = (candidate, candidate.coarser(low, high))
        }
        self = candidate.count < 2 && finer.count <= maximum + 2 && fits(finer.ticks) ? finer : candidate
    }

    private init(_ low: Double, _ high: Double, mantissa: Int, power: Int) {
        self.mantissa = mantissa
        self.power = power
        let step = Self.value(mantissa, power)
        first = Int((low / step - 1e-6).rounded(.up))
        last = Int((high / step + 1e-6).rounded(.down))
    }

    private func coarser(_ low: Double, _ high: Double) -> LinearTicks {
        switch mantissa {
        case 1: LinearTicks(low, high, mantissa: 2, power: power)
        case 2: LinearTicks(low, high, mantissa: 5, power: power)
        default: LinearTicks(low, high, mantissa: 1, power: power + 1)
        }
    }

    private var count: Int { last - first + 1 }

    /// The distance between ticks.
    var step: Double { Self.value(mantissa, power) }

    /// A multiple of a step as the nearest double, whatever the power's sign.
    private static func value(_ multiple: Int, _ power: Int) -> Double {
        power >= 0 ? Double(multiple) * PowerOfTen.of(power) : Double(multiple) / PowerOfTen.of(-power)
    }

    var ticks: [Tick] {
        guard first <= last else { return [] }
        let common = commonPower
        return (first...last).map { index in
            Tick(value: Self.value(index * mantissa, power), label: label(index * mantissa, common))
        }
    }

    /// The power of ten that all labels share: 0 where plain numbers are short enough.
    private var commonPower: Int {
        let largest = DecimalDigits(integer: max(abs(first), abs(last)) * mantissa, power: power)
        return largest.isZero || (-2...6).contains(largest.exponent) ? 0 : largest.exponent - 1
    }

    private func label(_ multiple: Int, _ common: Int) -> String {
        guard multiple != 0 else { return "0" }
        let number = DecimalDigits(integer: multiple, power: power - common)
        let text = number.fixed(decimals: max(0, common - power))
        return common == 0 ? text : text + "×" + Numeral.powerOfTen(common)
    }
}

/// A place on an axis that carries a number.
struct Tick: Equatable {
    var value: Double
    /// Empty for a minor tick.
    var label: String
}

/// 10 to a whole power, correctly rounded.
enum PowerOfTen {
    static func of(_ power: Int) -> Double { Double("1e\(power)") ?? (power < 0 ? 0 : .infinity) }

    /// The greatest power of ten that is no greater than a positive number.
    static func floor(_ value: Double) -> Int { DecimalDigits(value).exponent - 1 }
}

import Foundation
import Testing

@testable import Report

struct NumeralTests {
    @Test(
        "Numbers have three significant digits, a true minus sign and no negative zero",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1.0, "1.00"), (0.5, "0.500"), (-0.123_45, "−0.123"), (12.345, "12.3"),
            (999.5, "1,000"),
            (1234.5, "1,230"), (12_345.0, "12,300"), (999_999.0, "1.00×10⁶"), (0.001_234, "0.00123"),
            (0.000_123_4, "1.23×10⁻⁴"), (-6.02e23, "−6.02×10²³"), (.leastNonzeroMagnitude, "5.00×10⁻³²⁴"),
            (.infinity, "∞"),
            (-.infinity, "−∞"), (.nan, "NaN"), (2.675, "2.68"), (0.9996, "1.00"),
        ] as [(Double, String)])
    func text(value: Double, expected: String) { #expect(Numeral.text(value) == expected) }

    @Test(
        "Numbers in sentences have no zeros that only fill up",
        arguments: [(1.75, "1.75"), (150.0, "150"), (1e6, "1×10⁶"), (0.5, "0.5")] as [(Double, String)])
    func short(value: Double, expected: String) { #expect(Numeral.short(value) == expected) }

    @Test(
        "An estimate and its interval share their decimals",
        arguments: [
            (0.612, 0.58, 0.644, "0.612 [0.580, 0.644]"), (0.0123, -0.004, 0.0286, "0.0123 [−0.0040, 0.0286]"),
            (123.456, 123.401, 123.511, "123.456 [123.401, 123.511]"), (0.5, -.infinity, 0.75, "0.500 [−∞, 0.750]"),
            (0.0, 0.0, 0.0, "0.000 [0.000, 0.000]"), (2e7, 1e7, 3e7, "2.00×10⁷ [1.00×10⁷, 3.00×10⁷]"),
            (-0.0001, -0.2, 0.2, "0.000 [−0.200, 0.200]"),
        ] as [(Double, Double, Double, String)])
    func estimate(point: Double, lower: Double, upper: Double, expected: String) {
        #expect(Numeral.text(point: point, lower: lower, upper: upper) == expected)
    }

    @Test("Fixed decimals are those of the C library")
    func fixed() {
        var random = SplitMix(seed: 3)
        for _ in 0..<5000 {
            let value = (random.unit() - 0.5) * PowerOfTen.of(Int(random.next() % 12) - 4)
            let decimals = Int(random.next() % 6)
            let expected = String(format: "%.\(decimals)f", value)
            let own = DecimalDigits(value).fixed(decimals: decimals)
                .replacingOccurrences(of: ",", with: "").replacingOccurrences(of: "−", with: "-")
            #expect(own == expected || "-" + own == expected && Double(own) == 0, "\(value) to \(decimals)")
        }
    }

    @Test("Integers are printed whole, with commas")
    func integers() {
        #expect(Numeral.text(1_228_800) == "1,228,800")
        #expect(Numeral.text(-12) == "−12")
        #expect(Numeral.text(Int.min) == "−9,223,372,036,854,775,808")
    }

    @Test(
        "Places are written to a hundredth",
        arguments: [(0.0, "0"), (-0.001, "0"), (1.005, "1"), (12.5, "12.5"), (3.07, "3.07"), (-2.25, "-2.25")]
            as [(Double, String)])
    func coordinates(value: Double, expected: String) { #expect(Numeral.coordinate(value) == expected) }
}

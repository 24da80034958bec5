import Foundation
import Testing

@testable import Report

struct TickTests {
    @Test("Linear ticks are within the range, evenly spaced by 1, 2 or 5 times a power of ten, and say what they are")
    func linear() {
        var random = SplitMix(seed: 11)
        for _ in 0..<4000 {
            let scale = PowerOfTen.of(Int(random.next() % 200) - 100)
            let low = (random.unit() - 0.5) * scale
            let high = low + random.unit() * scale * PowerOfTen.of(-Int(random.next() % 5)) + scale * 1e-6
            let maximum = 2 + Int(random.next() % 9)
            let ticks = LinearTicks(from: low, to: high, maximum: maximum)
            check(ticks.ticks, low, high, maximum, step: ticks.step)
            #expect([1, 2, 5].contains(ticks.mantissa))
        }
    }

    private func check(_ ticks: [Tick], _ low: Double, _ high: Double, _ maximum: Int, step: Double) {
        let slack = (high - low) * 1e-5
        #expect(ticks.count <= maximum + 2 && (ticks.count <= maximum || maximum < 5))
        #expect(ticks.count >= 2 || maximum < 4, "\(low) to \(high): \(ticks)")
        #expect(ticks.allSatisfy { $0.value >= low - slack && $0.value <= high + slack })
        for (a, b) in zip(ticks, ticks.dropFirst()) { #expect(abs(b.value - a.value - step) < step * 1e-4) }
        #expect(Set(ticks.map(\.label)).count == ticks.count)
        for tick in ticks { #expect(abs(Self.number(tick.label) - tick.value) <= step * 1e-4, "\(tick)") }
    }

    /// Reads a label back; NaN where it cannot be read.
    private static func number(_ label: String) -> Double {
        let plain = label.replacingOccurrences(of: ",", with: "").replacingOccurrences(of: "−", with: "-")
        var parts = plain.split(separator: "×").map(String.init)
        guard let last = parts.last, last.hasPrefix("10"), last.count > 2, !last.allSatisfy({ $0.isASCII }) else {
            return Double(plain) ?? .nan
        }
        parts[parts.count - 1] = ""
        let digits: [Character: String] = Dictionary(
            uniqueKeysWithValues: zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789").map { ($0, String($1)) })
        let power = last.dropFirst(2).map { digits[$0] ?? "?" }.joined()
        return Double((parts.count == 2 ? parts[0] : "1") + "e" + power) ?? .nan
    }

    @Test("Logarithmic ticks are within the range, ascend, and say what they are")
    func logarithmic() {
        var random = SplitMix(seed: 5)
        for _ in 0..<2000 {
            let low = PowerOfTen.of(Int(random.next() % 60) - 30) * (1 + 8 * random.unit())
            let high = low * decimalExponential(0.05 + random.unit() * random.unit() * 40)
            let maximum = 3 + Int(random.next() % 8)
            let ticks = LogTicks(from: low, to: high, maximum: maximum).ticks
            #expect(!ticks.isEmpty && ticks.count <= max(maximum, 6), "\(low) to \(high): \(ticks.count)")
            #expect(ticks.allSatisfy { $0.value >= low * 0.999 && $0.value <= high * 1.001 })
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value })
            for tick in ticks { #expect(abs(Self.number(tick.label) / tick.value - 1) < 1e-6, "\(tick)") }
        }
    }

    @Test("Known axes have the ticks one would draw")
    func known() {
        #expect(LinearTicks(from: 0, to: 1, maximum: 7).ticks.map(\.label) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(LinearTicks(from: -3, to: 3, maximum: 7).ticks.map(\.label) == ["−3", "−2", "−1", "0", "1", "2", "3"])
        #expect(LinearTicks(from: 0, to: 3e6, maximum: 4).ticks.map(\.label) == ["0", "1×10⁶", "2×10⁶", "3×10⁶"])
        #expect(LogTicks(from: 0.01, to: 100, maximum: 5).ticks.map(\.label) == ["0.01", "0.1", "1", "10", "100"])
        #expect(LogTicks(from: 1, to: 100, maximum: 8).ticks.map(\.label) == ["1", "2", "5", "10", "20", "50", "100"])
        let doublings = LogTicks(from: 1, to: 64, data: [1, 2, 4, 8, 16, 32, 64], maximum: 8)
        #expect(doublings.ticks.map(\.label) == ["1", "2", "4", "8", "16", "32", "64"])
    }

    @Test("Labels without room give way to fewer")
    func room() {
        let ticks = LinearTicks(from: 0, to: 100, maximum: 50) { $0.count <= 3 }
        #expect(ticks.ticks.map(\.label) == ["0", "50", "100"])
    }
}

struct ExtentTests {
    @Test("An axis ends where the quantity does, unless nothing would be left of it")
    func bounds() {
        let one = Extent(core: [1, 1], reach: []).opened()
        #expect(one.low == 0.5 && one.high == 1.5)
        #expect(one.within(0...1).low == 0.5 && one.within(0...1).high == 1)
        #expect(Extent(core: [0.2, 0.4], reach: []).within(-1...1) == Extent(core: [0.2, 0.4], reach: []))
        #expect(one.within(2...3) == one)
    }

    @Test("What lies far beyond the data is cut, what is near is not")
    func reach() {
        #expect(Extent(core: [0, 1], reach: [1.5, -1]) == Extent(core: [-1, 1.5], reach: []))
        let cut = Extent(core: [0, 1], reach: [90, 0.5])
        #expect(cut.low == 0 && cut.high > 1 && cut.high < 2)
        #expect(Extent(core: [0.5], reach: [0.2, 0.9], spread: 0.7) == Extent(core: [0.2, 0.9], reach: []))
    }

    @Test("A single value has room around it", arguments: [0, 1e-300, -5, 1e250, 12_345])
    func single(value: Double) {
        let extent = Extent(core: [value], reach: []).opened()
        #expect(extent.low < value && value < extent.high && (extent.high - extent.low).isFinite)
    }
}

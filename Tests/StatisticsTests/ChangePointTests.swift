import Diagnostics
import JSON
import Statistics
import Testing

@Suite struct ChangePointTests {
    private let stream = RandomStream(seed: 11, purpose: "change points")

    @Test("The place, the size and the F of a change agree with fitting every broken model by least squares")
    func search() throws {
        for row in try VerdictFixture("change_points")["search"] {
            let model = try #require(ChangeModel(rawValue: row["model"]?.stringValue ?? ""))
            let found = try changePoint(
                row.numbers("y"), at: row.numbers("x"), model: model, replicates: 99, stream: stream)
            #expect(agree(found.test.statistic, row.number("f"), relative: 1e-8), "\(found)")
            #expect(agree(found.change, row.number("change"), relative: 1e-8))
            #expect(found.index == Int(row.number("index")))
        }
    }

    @Test("A clear change is found, and a series without noise is no evidence of one")
    func clear() throws {
        var noise = RandomStream(seed: 1, purpose: "noise")
        let series = (0..<40).map { ($0 < 25 ? 0.8 : 0.2) + 0.05 * noise.normal() }
        let found = try changePoint(series, model: .level, replicates: 199, stream: stream)
        #expect(found.index == 25 && found.test.pValue <= 0.01 && agree(found.change, -0.6, relative: 0.1))
        let line = (0..<40).map { 0.1 * Double($0) }
        #expect(try changePoint(line, model: .slope, replicates: 99, stream: stream).test.pValue == 1)
        #expect(try changePoint(line.map { _ in 2 }, model: .level, replicates: 99, stream: stream).test.pValue == 1)
    }

    @Test("Too few readings, a missing one, or places out of order are refused")
    func refused() {
        let ten = (0..<10).map { Double($0 % 3) }
        #expect(throws: Diagnostic.self) { try changePoint(Array(ten.dropLast()), model: .level, stream: stream) }
        #expect(throws: Diagnostic.self) { try changePoint(ten.map { $0 / 0 }, model: .level, stream: stream) }
        #expect(throws: Diagnostic.self) { try changePoint(ten, at: ten, model: .level, stream: stream) }
    }

    @Test("A crossing counts from the first reading of a stay")
    func crossing() throws {
        let agreement = [0.2, 0.95, 0.5, nil, 0.9, 0.92, 0.99]
        #expect(try firstCrossing(agreement, of: 0.9, side: .greater) == 1)
        #expect(try firstCrossing(agreement, of: 0.9, side: .greater, sustained: 3) == 4)
        #expect(try firstCrossing(agreement, of: 0.1, side: .less) == nil)
        #expect(throws: Diagnostic.self) { try firstCrossing(agreement, of: 0.9, side: .twoSided) }
        #expect(throws: Diagnostic.self) { try firstCrossing(agreement, of: 0.9, side: .less, sustained: 0) }
    }

    @Test("Sign-flip bounds are the means that the flips do not reject")
    func signFlipBound() throws {
        for row in try VerdictFixture("bounds")["signFlip"] {
            let bounds = try signFlipBounds(row.numbers("values"), alpha: 0.05, stream: stream)
            let expected = ["lower": bounds.lower, "upper": bounds.upper]
            for (key, value) in expected {
                let wanted = row[key]?.doubleValue ?? (key == "lower" ? -.infinity : .infinity)
                #expect(agree(value, wanted, absolute: 1e-10), "\(key) \(bounds)")
            }
        }
        var draws = RandomStream(seed: 4, purpose: "bounds")
        let many = (0..<30).map { _ in 1 + draws.normal() }
        let bounds = try signFlipBounds(many, stream: stream)
        let student = try studentMean(many, level: 0.9).interval
        #expect(agree([bounds.lower, bounds.upper], [student.lower, student.upper], relative: 0.06))
        #expect(throws: Diagnostic.self) { try signFlipBounds([], stream: stream) }
        #expect(throws: Diagnostic.self) { try signFlipBounds([1], alpha: 0.6, stream: stream) }
    }
}

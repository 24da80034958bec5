import Diagnostics
import JSON
import Statistics
import Testing

@Suite struct HypothesisTests {
    private let fixture: Fixture
    private let stream = RandomStream(seed: 1, purpose: "tests")

    init() throws { fixture = try Fixture("tests") }

    @Test("McNemar's exact and mid-p values agree with SciPy's binomial")
    func mcNemar() {
        for row in fixture["mcnemar"].map(\.numbers) {
            let exact = exactMcNemar(firstOnly: Int(row[0]), secondOnly: Int(row[1]))
            let mid = midPMcNemar(firstOnly: Int(row[0]), secondOnly: Int(row[1]))
            #expect(agree([exact.pValue, mid.pValue], Array(row[2...])), "\(row) \(exact) \(mid)")
            #expect(exact.statistic == row[0] - row[1] && exact.n == Int(row[0] + row[1]))
        }
    }

    @Test("The sign-flip test agrees with all flips, on lattices and off them, on either side")
    func signFlip() throws {
        var methods: Set<String> = []
        for row in fixture["signFlip"] {
            for (alternative, place) in [(Alternative.twoSided, 1), (.greater, 2), (.less, 3)] {
                let result = try signFlipTest(row[0].numbers, stream: stream, alternative: alternative)
                #expect(agree(result.pValue, row[place].number), "\(row[0].numbers) \(alternative) \(result)")
                methods.insert(result.method)
            }
        }
        #expect(methods.isSuperset(of: ["sign-flip, exact by convolution", "sign-flip, exact by enumeration"]))
    }

    @Test("Convolution, enumeration and Monte Carlo give one p value")
    func waysAgree() throws {
        var draws = RandomStream(seed: 2, purpose: "differences")
        let lattice = (0..<26).map { _ in Double(draws.below(7) - 2) / 9 }
        // A hair off the lattice: too little to change an order, enough to need enumeration.
        let off = lattice.map { $0 * 1.000001 }
        let convolved = try signFlipTest(lattice, stream: stream)
        let enumerated = try signFlipTest(off, stream: stream)
        #expect(convolved.method == "sign-flip, exact by convolution")
        #expect(enumerated.method == "sign-flip, exact by enumeration")
        #expect(agree(convolved.pValue, enumerated.pValue))
        let many = (0..<60).map { _ in 0.3 + draws.normal() }
        let sampled = try signFlipTest(many, replicates: 20_000, stream: stream)
        #expect(sampled.method == "sign-flip, Monte Carlo, 20000 replicates")
        let rounded = try signFlipTest(many.map { ($0 * 60).rounded() / 60 }, stream: stream)
        #expect(rounded.method == "sign-flip, exact by convolution")
        #expect(agree(sampled.pValue, rounded.pValue, relative: 0.1, absolute: 0.008), "\(sampled) \(rounded)")
    }

    @Test("With differences of 0 and ±1 the sign-flip test is McNemar's")
    func signFlipIsMcNemar() throws {
        let differences =
            [Double](repeating: 1, count: 30) + [Double](repeating: -1, count: 14) + [Double](repeating: 0, count: 956)
        let flip = try signFlipTest(differences, stream: stream)
        #expect(agree(flip.pValue, exactMcNemar(firstOnly: 30, secondOnly: 14).pValue))
        #expect(flip.n == 1000 && agree(flip.statistic, 0.016))
    }

    @Test("Without a difference the sign-flip test finds none")
    func noDifference() throws {
        #expect(try signFlipTest([0, 0], stream: stream).pValue == 1)
        #expect(try signFlipTest([1.5, -1.5], stream: stream).pValue == 1)
        #expect(throws: Diagnostic.self) { try signFlipTest([], stream: stream) }
        #expect(throws: Diagnostic.self) { try signFlipTest([.nan], stream: stream) }
    }

    @Test("Forty differences off any lattice are still enumerated")
    func enumerationAtItsLimit() throws {
        var draws = RandomStream(seed: 3, purpose: "differences")
        let differences = (0..<34).map { _ in 0.2 + draws.normal() }
        let exact = try signFlipTest(differences, stream: stream)
        let sampled = try signFlipTest(differences + [0], replicates: 1, stream: stream)
        #expect(exact.method == "sign-flip, exact by enumeration")
        #expect(exact.pValue == sampled.pValue)
    }

    @Test("TOST agrees with SciPy's two one-sided t tests")
    func equivalence() throws {
        for row in fixture["equivalence"] {
            let result = try equivalenceTest(row[0].numbers, margin: row[1].number)
            #expect(agree(result.pValue, row[2].number, relative: 1e-9), "\(result)")
            let inside = try studentMean(row[0].numbers, level: 0.9).interval
            let within = inside.lower > -row[1].number && inside.upper < row[1].number
            #expect(within == (result.pValue < 0.05))
        }
        #expect(try equivalenceTest([0, 0, 0], margin: 1).pValue == 1)
        #expect(throws: Diagnostic.self) { try equivalenceTest([1, 2], margin: 0) }
    }

    @Test("Holm and Benjamini-Hochberg agree with NumPy and SciPy")
    func adjusted() throws {
        for row in fixture["adjusted"] {
            #expect(agree(try holmAdjusted(row[0].numbers), row[1].numbers))
            #expect(agree(try benjaminiHochbergAdjusted(row[0].numbers), row[2].numbers))
        }
        #expect(try holmAdjusted([]) == [])
        #expect(throws: Diagnostic.self) { try holmAdjusted([0.1, .nan]) }
        #expect(throws: Diagnostic.self) { try benjaminiHochbergAdjusted([1.1]) }
    }
}

@Suite struct MaxTTests {
    private let stream = RandomStream(seed: 1, purpose: "max-t")

    @Test("Step-down p values agree with all flips")
    func againstEnumeration() throws {
        for row in try Fixture("tests")["maxT"] {
            let result = try maxTSignFlip(row["rows"]!.arrayValue!.map(\.numbers), stream: stream)
            #expect(agree(result.test.statistic, row.number("statistic")))
            #expect(agree(result.adjustedPValues, row.numbers("adjusted")), "\(result.adjustedPValues)")
        }
    }

    @Test("Under no effect the test rejects at most at its level, and all bounds hold together near theirs")
    func levels() throws {
        var draws = RandomStream(seed: 2, purpose: "rows")
        let replicates = 300
        var (rejected, held) = (0, 0)
        for _ in 0..<replicates {
            let rows = (0..<7).map { _ in
                let shared = draws.normal()
                return (0..<4).map { _ in shared + draws.normal() }
            }
            let result = try maxTSignFlip(rows, stream: stream)
            rejected += result.test.pValue <= 0.05 ? 1 : 0
            held += result.estimates.allSatisfy { $0.interval.lower <= 0 } ? 1 : 0
        }
        let tolerance = monteCarloTolerance(0.95, replicates: replicates)
        #expect(Double(rejected) / Double(replicates) <= 0.05 + tolerance)
        #expect(agree(Double(held) / Double(replicates), 0.95, absolute: tolerance), "\(held)")
    }

    @Test("Monte Carlo beyond sixteen units finds what is there and nothing else")
    func monteCarlo() throws {
        var draws = RandomStream(seed: 3, purpose: "rows")
        let rows = (0..<20).map { _ in [draws.normal() - 1, draws.normal() + 2, draws.normal()] }
        let result = try maxTSignFlip(rows, replicates: 500, stream: stream)
        #expect(result.adjustedPValues[1] == 1.0 / 501)
        #expect(result.adjustedPValues[0] > 0.5)
        #expect(result.estimates[1].interval.lower > 1 && result.estimates[1].interval.upper == .infinity)
        #expect(result.test.method == "max-t sign-flip, Monte Carlo, 500 replicates")
    }

    @Test("A column that does not vary has a p value but no bound; ragged or missing rows are refused")
    func degenerate() throws {
        let rows = (0..<6).map { [1.0, 0, Double($0) - 2] }
        let result = try maxTSignFlip(rows, stream: stream)
        #expect(result.adjustedPValues[0] == 1.0 / 64)
        #expect(result.estimates[0].interval.lower == -.infinity && result.estimates[0].standardError == nil)
        #expect(throws: Diagnostic.self) { try maxTSignFlip([[1]], stream: stream) }
        #expect(throws: Diagnostic.self) { try maxTSignFlip([[1], [1, 2]], stream: stream) }
        #expect(throws: Diagnostic.self) { try maxTSignFlip([[1], [.nan]], stream: stream) }
        #expect(throws: Diagnostic.self) { try maxTSignFlip([[], []], stream: stream) }
    }
}

import JSON
import Testing

@testable import Statistics

@Suite struct DistributionTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture("distributions") }

    @Test("The normal distribution agrees with SciPy")
    func normal() {
        let normal = NormalDistribution()
        for row in fixture["normal"].map(\.numbers) {
            #expect(
                agree([normal.cumulative(row[0]), normal.survival(row[0]), normal.density(row[0])], Array(row[1...])),
                "\(row)")
        }
        for row in fixture["normalQuantile"].map(\.numbers) {
            #expect(agree(normal.quantile(row[0]), row[1], relative: 1e-13), "\(row)")
        }
        #expect(NormalDistribution(mean: 3, standardDeviation: 2).quantile(0.5) == 3)
    }

    @Test("Student's t agrees with SciPy")
    func studentT() {
        for row in fixture["studentT"].map(\.numbers) {
            let t = StudentTDistribution(degreesOfFreedom: row[0])
            #expect(agree(t.cumulative(row[1]), row[2]), "\(row) \(t.cumulative(row[1]))")
            #expect(agree(t.survival(-row[1]), row[2]), "\(row)")
            #expect(agree(t.density(row[1]), row[3]), "\(row) \(t.density(row[1]))")
        }
        for row in fixture["studentTQuantile"].map(\.numbers) {
            let quantile = StudentTDistribution(degreesOfFreedom: row[0]).quantile(row[1])
            #expect(agree(quantile, row[2]), "\(row) \(quantile)")
        }
        let normal = StudentTDistribution(degreesOfFreedom: .infinity)
        #expect(normal.quantile(0.3) == NormalDistribution().quantile(0.3))
    }

    @Test("The chi-square distribution agrees with SciPy")
    func chiSquare() {
        for row in fixture["chiSquare"].map(\.numbers) {
            let chi = ChiSquareDistribution(degreesOfFreedom: row[0])
            let actual = [chi.cumulative(row[1]), chi.survival(row[1]), chi.density(row[1])]
            #expect(agree(actual, Array(row[2...])), "\(row) \(actual)")
        }
        for row in fixture["chiSquareQuantile"].map(\.numbers) {
            let quantile = ChiSquareDistribution(degreesOfFreedom: row[0]).quantile(row[1])
            #expect(agree(quantile, row[2]), "\(row) \(quantile)")
        }
    }

    @Test("The beta distribution agrees with SciPy")
    func beta() {
        for row in fixture["beta"].map(\.numbers) {
            let beta = BetaDistribution(alpha: row[0], beta: row[1])
            let actual = [beta.cumulative(row[2]), beta.survival(row[2]), beta.density(row[2])]
            #expect(agree(actual, Array(row[3...])), "\(row) \(actual)")
        }
        for row in fixture["betaQuantile"].map(\.numbers) {
            let quantile = BetaDistribution(alpha: row[0], beta: row[1]).quantile(row[2])
            #expect(agree(quantile, row[3]), "\(row) \(quantile)")
        }
    }

    @Test("The binomial distribution agrees with SciPy")
    func binomial() {
        for row in fixture["binomial"].map(\.numbers) {
            let binomial = BinomialDistribution(trials: Int(row[0]), probability: row[1])
            let k = Int(row[2])
            let actual = [binomial.mass(k), binomial.cumulative(k), binomial.survival(k)]
            #expect(agree(actual, Array(row[3..<6])), "\(row) \(actual)")
            #expect(binomial.quantile(row[6]) == Int(row[7]), "\(row)")
        }
    }

    @Test("Quantiles end where the distribution does, and are NaN outside [0, 1]")
    func quantileEnds() {
        #expect(NormalDistribution().quantile(0) == -.infinity)
        #expect(NormalDistribution().quantile(1) == .infinity)
        #expect(StudentTDistribution(degreesOfFreedom: 3).quantile(1) == .infinity)
        #expect(ChiSquareDistribution(degreesOfFreedom: 3).quantile(0) == 0)
        #expect(BetaDistribution(alpha: 2, beta: 2).quantile(1) == 1)
        #expect(NormalDistribution().quantile(-0.1).isNaN)
        #expect(StudentTDistribution(degreesOfFreedom: 3).quantile(.nan).isNaN)
    }

    @Test("A missing point stays missing")
    func missing() {
        #expect(NormalDistribution().cumulative(.nan).isNaN)
        #expect(StudentTDistribution(degreesOfFreedom: 3).cumulative(.nan).isNaN)
        #expect(ChiSquareDistribution(degreesOfFreedom: 3).cumulative(.nan).isNaN)
        #expect(BetaDistribution(alpha: 2, beta: 3).cumulative(.nan).isNaN)
    }
}

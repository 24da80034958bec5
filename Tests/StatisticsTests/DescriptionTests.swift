import Diagnostics
import JSON
import Statistics
import Testing

@Suite struct DescriptionTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture("description") }

    @Test("Moments agree with NumPy and SciPy")
    func moments() throws {
        for row in fixture["moments"] {
            let moments = try Moments(row.numbers("values"))
            let actual = [moments.mean, moments.variance!, moments.skewness!, moments.excessKurtosis!]
            let expected = [row.number("mean"), row.number("variance"), row.number("skewness"), row.number("kurtosis")]
            #expect(agree(actual, expected, relative: 1e-8, absolute: 1e-9), "\(actual) \(expected)")
        }
    }

    @Test("Moments that do not exist are missing, not zero")
    func missingMoments() throws {
        let one = try Moments([3])
        #expect(one.variance == nil && one.skewness == nil && one.excessKurtosis == nil)
        let equal = try Moments([0.1, 0.1, 0.1])
        #expect(equal.variance! < 1e-30 && equal.skewness == nil)
        #expect(throws: Diagnostic.self) { try Moments([]) }
        #expect(throws: Diagnostic.self) { try Moments([1, .nan]) }
    }

    @Test("Quantiles agree with NumPy in both definitions")
    func quantiles() throws {
        for row in fixture["quantiles"] {
            let values = row[0].numbers
            let linear = try quantile(values, at: row[1].number)
            let weibull = try quantile(values, at: row[1].number, definition: .weibull)
            #expect(agree([linear, weibull], [row[2].number, row[3].number]), "\(row)")
        }
        #expect(throws: Diagnostic.self) { try quantile([1], at: 1.5) }
    }

    @Test("Ranks share ties as SciPy's do")
    func ranks() throws {
        for row in fixture["ranks"] { #expect(try averageRanks(row[0].numbers) == row[1].numbers) }
        #expect(try averageRanks([.infinity, 0, -.infinity]) == [3, 2, 1])
        #expect(throws: Diagnostic.self) { try averageRanks([.nan]) }
    }

    @Test("Pearson, Spearman and Kendall agree with SciPy, with ties and without")
    func correlations() throws {
        for row in fixture["correlations"] {
            let (x, y) = (row.numbers("x"), row.numbers("y"))
            let actual = [try pearsonCorrelation(x, y), try spearmanCorrelation(x, y), try kendallTauB(x, y)]
            #expect(agree(actual, [row.number("pearson"), row.number("spearman"), row.number("kendall")]), "\(actual)")
        }
    }

    @Test("A correlation with a side that does not vary is refused with the reason")
    func undefinedCorrelation() throws {
        let error = try #require(throws: Diagnostic.self) { try kendallTauB([1, 2], [3, 3]) }
        #expect(error.message == "all values are equal, so a correlation is undefined")
        #expect(error.location.field == "second")
        #expect(throws: Diagnostic.self) { try pearsonCorrelation([1], [2]) }
        #expect(throws: Diagnostic.self) { try spearmanCorrelation([1, .nan], [2, 3]) }
    }

    @Test("Correlation survives numbers whose squares overflow")
    func extremes() throws {
        #expect(agree(try pearsonCorrelation([1e300, -1e300, 0], [1e-300, -1e-300, 0]), 1))
    }
}

import Diagnostics
import Foundation
import JSON
import Statistics
import Testing

@Suite struct CalibrationTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture("calibration") }

    @Test("Calibration error and Brier score agree with their definitions")
    func calibration() throws {
        for row in fixture["calibration"] {
            let (forecasts, outcomes) = (row.numbers("forecasts"), row["outcomes"]!.booleans)
            let width = try expectedCalibrationError(forecasts: forecasts, outcomes: outcomes, bins: .equalWidth(7))
            #expect(agree(width, row.number("width"), absolute: 1e-13))
            let mass = try expectedCalibrationError(forecasts: forecasts, outcomes: outcomes, bins: .equalMass(7))
            if row["ties"] == false { #expect(agree(mass, row.number("mass"), absolute: 1e-13)) }
            let brier = try brierScore(forecasts: forecasts, outcomes: outcomes)
            let actual = [brier.score, brier.reliability, brier.resolution, brier.uncertainty]
            let expected = ["brier", "reliability", "resolution", "uncertainty"].map { row.number($0) }
            #expect(agree(actual, expected, absolute: 1e-13), "\(actual) \(expected)")
            #expect(agree(brier.reliability - brier.resolution + brier.uncertainty, brier.score, absolute: 1e-13))
        }
    }

    @Test("With bins the terms within bins close the Brier score, and are what Stephenson et al. say they are")
    func withinBins() throws {
        let forecasts = [0.11, 0.18, 0.42, 0.47, 0.49, 0.93]
        let outcomes = [false, true, false, true, true, true]
        let brier = try brierScore(forecasts: forecasts, outcomes: outcomes, bins: .equalWidth(2))
        let hits = outcomes.map { $0 ? 1.0 : 0 }
        let f = forecasts[..<5].reduce(0, +) / 5
        let o = hits[..<5].reduce(0, +) / 5
        let within = (0..<5).reduce(0.0) { $0 + (forecasts[$1] - f) * (forecasts[$1] - f - 2 * (hits[$1] - o)) } / 6
        #expect(agree(brier.withinBins, within, absolute: 1e-14))
    }

    @Test("The order of rows does not matter, even where a bin's edge parts equal forecasts")
    func order() throws {
        var stream = RandomStream(seed: 1, purpose: "order")
        let rows = (0..<50).map { (Double($0 % 4) / 4, $0 % 3 == 0) }
        for bins in [CalibrationBins.equalMass(7), .equalWidth(3)] {
            let errors = try (0..<5).map { _ in
                let shuffled = stream.shuffled(rows)
                return try expectedCalibrationError(
                    forecasts: shuffled.map(\.0), outcomes: shuffled.map(\.1), bins: bins)
            }
            #expect(agree(errors, [Double](repeating: errors[0], count: 5)))
        }
    }

    @Test("Bins follow Guo et al.: an edge belongs to the bin below it")
    func edges() throws {
        let bins = try calibrationBins(
            forecasts: [0, 0.5, 0.51, 1], outcomes: [false, true, true, false], bins: .equalWidth(2))
        #expect(bins.map(\.count) == [2, 2])
        #expect(throws: Diagnostic.self) { try calibrationBins(forecasts: [1.1], outcomes: [true]) }
        #expect(throws: Diagnostic.self) { try calibrationBins(forecasts: [.nan], outcomes: [true]) }
        #expect(throws: Diagnostic.self) { try calibrationBins(forecasts: [], outcomes: []) }
        #expect(throws: Diagnostic.self) { try brierScore(forecasts: [0.5], outcomes: [true], bins: .equalMass(0)) }
    }

    @Test("The ROC area agrees with SciPy's Mann-Whitney statistic")
    func areas() throws {
        for row in fixture["areas"] {
            #expect(agree(try rocArea(scores: row[0].numbers, outcomes: row[1].booleans), row[2].number))
        }
        #expect(throws: Diagnostic.self) { try rocArea(scores: [1, 2], outcomes: [true, true]) }
        #expect(throws: Diagnostic.self) { try rocArea(scores: [1, .nan], outcomes: [true, false]) }
    }
}

@Suite struct DivergenceTests {
    @Test("k1, k2 and k3 agree with NumPy, per response and with their standard errors")
    func againstNumPy() throws {
        for row in try Fixture("calibration")["divergences"] {
            let policy = row["policy"]!.arrayValue!.map(\.numbers)
            let reference = row["reference"]!.arrayValue!.map(\.numbers)
            for estimator in KLEstimator.allCases {
                let kl = try klDivergence(policy: policy, reference: reference, estimator: estimator)
                let expected = row.numbers(estimator.rawValue)
                #expect(agree([kl.estimate.point, kl.estimate.standardError!], expected, relative: 1e-9), "\(kl)")
                #expect(kl.clampedTokens == 0)
            }
        }
    }

    @Test("k1 and k3 are unbiased on a policy whose divergence is known, k2 is close")
    func unbiased() throws {
        let policy = [0.5, 0.3, 0.2]
        let reference = [0.4, 0.2, 0.4]
        let truth = 2 * (0..<3).reduce(0.0) { $0 + policy[$1] * (log(policy[$1]) - log(reference[$1])) }
        var stream = RandomStream(seed: 1, purpose: "kl")
        let tokens = (0..<4000).map { _ in [stream.index(weights: policy), stream.index(weights: policy)] }
        for estimator in [KLEstimator.k1, .k3] {
            let kl = try klDivergence(
                policy: tokens.map { $0.map { log(policy[$0]) } },
                reference: tokens.map { $0.map { log(reference[$0]) } }, estimator: estimator)
            #expect(agree(kl.estimate.point, truth, absolute: 4 * kl.estimate.standardError!), "\(kl) \(truth)")
        }
    }

    @Test("A clamped token is counted, and a missing log-probability refused")
    func clamps() throws {
        let kl = try klDivergence(policy: [[-30], [-1]], reference: [[-1], [-1]], estimator: .k3)
        #expect(kl.clampedTokens == 1 && kl.estimate.point.isFinite)
        #expect(throws: Diagnostic.self) { try klDivergence(policy: [[.nan]], reference: [[0]], estimator: .k1) }
        #expect(throws: Diagnostic.self) { try klDivergence(policy: [[0]], reference: [[-.infinity]], estimator: .k1) }
        #expect(throws: Diagnostic.self) { try klDivergence(policy: [], reference: [], estimator: .k1) }
    }
}

import Testing
import Training

@Suite("Objectives' derivatives")
struct ObjectiveTests {
    private func slope(_ f: (Double) -> Double, at x: Double) -> Double { (f(x + 1e-5) - f(x - 1e-5)) / 2e-5 }

    @Test("DPO's slope is the derivative of its loss", arguments: [0.0, 0.1])
    func direct(smoothing: Double) {
        for chosen in [-7.0, -3.2, -0.4] {
            let f = { (x: Double) in
                PreferenceObjective.direct(
                    policy: (x, -4.1), reference: (-5, -3.9), beta: 0.3, smoothing: smoothing
                ).loss
            }
            let read = PreferenceObjective.direct(
                policy: (chosen, -4.1), reference: (-5, -3.9), beta: 0.3, smoothing: smoothing)
            #expect(abs(read.slope - slope(f, at: chosen)) < 1e-8)
        }
    }

    @Test("DPO's loss is −log σ of the implicit margin")
    func directLoss() {
        // −log σ(0.1 · ((−10 + 12) − (−11 + 10))) = −log σ(0.3)
        let read = PreferenceObjective.direct(policy: (-10, -11), reference: (-12, -10), beta: 0.1)
        #expect(abs(read.loss - 0.554_355_244) < 1e-8)
        #expect(abs(read.margin - 0.3) < 1e-12)
    }

    @Test("Bradley and Terry's slope is the derivative of its loss, also far out")
    func bradleyTerry() {
        for chosen in [-50.0, -1, 0, 2.5, 60] {
            let f = { (x: Double) in PreferenceObjective.bradleyTerry(chosen: x, rejected: 0.3).loss }
            let read = PreferenceObjective.bradleyTerry(chosen: chosen, rejected: 0.3)
            #expect(read.loss.isFinite)
            #expect(abs(read.slope - slope(f, at: chosen)) < 1e-6)
        }
    }

    @Test(
        "the policy gradient's slope is the derivative of its loss",
        arguments: PolicyGradientObjective.Estimator.allCases)
    func policyGradient(estimator: PolicyGradientObjective.Estimator) {
        let objective = PolicyGradientObjective(clip: 0.2, klCoefficient: 0.4, klEstimator: estimator)
        for advantage in [-1.5, 0.7] {
            for logProbability in [-1.6, -1.31, -1.25, -0.8] {
                let f = { (x: Double) in
                    objective.token(logProbability: x, old: -1.3, reference: -1.1, advantage: advantage).loss
                }
                let read = objective.token(
                    logProbability: logProbability, old: -1.3, reference: -1.1, advantage: advantage)
                #expect(abs(read.slope - slope(f, at: logProbability)) < 1e-7)
            }
        }
    }

    @Test("a ratio beyond the clip in the advantage's direction has no slope")
    func clipping() {
        let objective = PolicyGradientObjective(clip: 0.2)
        #expect(objective.token(logProbability: 0, old: -1, reference: nil, advantage: 1).isClipped)
        #expect(objective.token(logProbability: 0, old: -1, reference: nil, advantage: 1).slope == 0)
        #expect(!objective.token(logProbability: 0, old: -1, reference: nil, advantage: -1).isClipped)
        #expect(!objective.token(logProbability: -2, old: -1, reference: nil, advantage: 1).isClipped)
    }

    @Test("advantages have the mean and the size that they are named after")
    func advantages() {
        let rewards = [1.0, 2, 3, 6]
        #expect(Advantage.centered.values(rewards) == [-2, -1, 0, 3])
        // r − mean of the others: 1 − 11/3, …
        let others = Advantage.leaveOneOut.values(rewards)
        let expected: [Double] = [-8.0 / 3, -4.0 / 3, 0, 4]
        for (value, wanted) in zip(others, expected) { #expect(abs(value - wanted) < 1e-12) }
        let standardized = Advantage.standardized.values(rewards)
        let variance = standardized.reduce(0) { $0 + $1 * $1 } / 3
        #expect(abs(variance - 1) < 1e-3)
        #expect(Advantage.standardized.values([2, 2, 2]) == [0, 0, 0])
    }
}

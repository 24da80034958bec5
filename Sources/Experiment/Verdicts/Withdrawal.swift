import Diagnostics
import Statistics

/// What remains of a piece's contribution when the piece is taken away.
///
/// C = I + P: the contribution splits into what was *internalised*, and stays, and what is *rented*, and goes with the piece.
/// The seed is the unit; every number is a mean of paired differences.
public struct Withdrawal: Sendable, Hashable {
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// lower(I) > 0 and lower(off − on) > −δ: it learned, and loses nothing that matters without the piece.
        case inTheWeights = "in the weights"
        /// lower(P) > 0 and I within ±δ: it needs the piece, and kept nothing that matters.
        case inTheEnsemble = "in the ensemble"
        /// Both lower bounds above 0, and neither of the above.
        case both
        /// I and P within ±δ, and none of the above.
        case neither
        case cannotTell = "cannot tell"
    }

    /// How the piece was taken away.
    public enum Manner: String, Sendable, Hashable, CaseIterable {
        /// Policies trained with and without, each evaluated with the piece on and off.
        case atEvaluation = "at evaluation"
        /// Removed in mid-run and trained on for some steps.
        case midRun = "mid-run"
    }

    public let manner: Manner
    /// I.
    public let internalised: SeedMean
    /// P.
    public let rented: SeedMean
    /// C = I + P.
    public let contribution: SeedMean
    /// S = I/C with Fieller's set, unbounded where it is.
    public let survival: Estimate
    /// What the piece gives at evaluation to a policy that was trained without it, Y(without, on) − Y(without, off); `nil` for
    /// a withdrawal in mid-run, which has no 'on'.
    public let unlearned: SeedMean?
    public let verdict: Verdict
    /// Every verdict whose condition holds, in order of precedence; ``verdict`` is the first.
    public let holding: [Verdict]
    public let rule: VerdictRule

    /// Off − on of the policy trained with the piece, the negative of P: below 0 is what the withdrawal costs.
    public var gap: Estimate {
        let interval = rented.estimate.interval
        return Estimate(
            point: -rented.estimate.point, standardError: rented.estimate.standardError,
            interval: Interval(
                lower: -interval.upper, upper: -interval.lower, level: interval.level, method: interval.method,
                validity: interval.validity),
            n: rented.estimate.n, clusters: rented.estimate.clusters)
    }

    private init(
        _ manner: Manner, internalised: [Double], rented: [Double], unlearned: [Double]?, rule: VerdictRule
    ) throws(Diagnostic) {
        let contribution = zip(internalised, rented).map { $0 + $1 }
        self.manner = manner
        self.rule = rule
        self.internalised = try SeedMean(internalised, rule: rule)
        self.rented = try SeedMean(rented, rule: rule)
        self.contribution = try SeedMean(contribution, rule: rule)
        survival = try fiellerRatio(numerators: internalised, denominators: contribution, level: rule.level)
        if let unlearned { self.unlearned = try SeedMean(unlearned, rule: rule) } else { self.unlearned = nil }
        holding = Self.holding(self.internalised, self.rented, rule.margin)
        verdict = holding.first ?? .cannotTell
    }

    /// Each is an intersection-union test: it is given only where each of its parts is rejected at one-sided α, so whichever
    /// part is untrue, its chance is at most α (Berger, Technometrics 24, 1982).
    private static func holding(_ internalised: SeedMean, _ rented: SeedMean, _ margin: Double) -> [Verdict] {
        var holding: [Verdict] = []
        if internalised.lower > 0, rented.upper < margin { holding.append(.inTheWeights) }
        if rented.lower > 0, internalised.isWithin(margin) { holding.append(.inTheEnsemble) }
        if internalised.lower > 0, rented.lower > 0 { holding.append(.both) }
        if internalised.isWithin(margin), rented.isWithin(margin) { holding.append(.neither) }
        return holding
    }
}

extension Withdrawal {
    /// One seed's outcomes in the 2x2 {trained with, without} x {evaluated on, off}, on the same prompts.
    public struct Cells: Sendable, Hashable {
        public var withOn: Double
        public var withOff: Double
        public var withoutOn: Double
        public var withoutOff: Double

        public init(withOn: Double, withOff: Double, withoutOn: Double, withoutOff: Double) {
            self.withOn = withOn
            self.withOff = withOff
            self.withoutOn = withoutOn
            self.withoutOff = withoutOff
        }
    }

    /// Withdrawal at evaluation: I = Y(with, off) − Y(without, off), P = Y(with, on) − Y(with, off).
    ///
    /// - Parameter seeds: one 2x2 per seed, 'without' being the same training without the piece or with a sham of equal cost.
    /// - Throws: `badData` for no seeds or an outcome that is not finite.
    public init(seeds: [Cells], rule: VerdictRule) throws(Diagnostic) {
        try self.init(
            .atEvaluation, internalised: seeds.map { $0.withOff - $0.withoutOff },
            rented: seeds.map { $0.withOn - $0.withOff }, unlearned: seeds.map { $0.withoutOn - $0.withoutOff },
            rule: rule)
    }

    /// One seed's outcomes around a removal in mid-run: at the step of removal, and after so many more steps of training.
    public struct Removal: Sendable, Hashable {
        /// Of the arm that has the piece until then.
        public var withBefore: Double
        /// Of the same arm, after training on without it.
        public var withAfter: Double
        /// Of the arm that never had it (or had a sham), at the same steps.
        public var withoutBefore: Double
        public var withoutAfter: Double

        public init(withBefore: Double, withAfter: Double, withoutBefore: Double, withoutAfter: Double) {
            self.withBefore = withBefore
            self.withAfter = withAfter
            self.withoutBefore = withoutBefore
            self.withoutAfter = withoutAfter
        }
    }

    /// Withdrawal in mid-run, for pieces that have no 'on' at evaluation (a teacher, a reward bonus): C is the lead over
    /// 'without' at the removal, I the lead that is left after the further steps, P = C − I the lead that went. What both arms
    /// gain in those steps drops out.
    ///
    /// - Throws: `badData` for no seeds or an outcome that is not finite.
    public init(removals: [Removal], rule: VerdictRule) throws(Diagnostic) {
        let leads = removals.map { (before: $0.withBefore - $0.withoutBefore, after: $0.withAfter - $0.withoutAfter) }
        try self.init(
            .midRun, internalised: leads.map(\.after), rented: leads.map { $0.before - $0.after }, unlearned: nil,
            rule: rule)
    }
}

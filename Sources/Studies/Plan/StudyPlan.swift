import Diagnostics
import JSON
import Ledger

/// All runs of a study in the order in which they are numbered: arm by arm, each arm seed by seed.
public struct StudyPlan: Sendable {
    public let design: StudyDesign
    public let arms: [Arm]
    /// What one run of each arm will take; parallel to ``arms``.
    public let costs: [ArmCost]
    public let runs: [ArmRun]

    /// Checks the settings of a run and says what it will take. Errors carry the field's path, which begins as the path
    /// given does; the plan adds the line of the study file.
    public typealias Check = (_ settings: JSONValue, _ path: String) throws(Diagnostic) -> ArmCost

    /// - Throws: where a patch does not fit, or what `check` throws for the first arm that cannot be, with the arm's name.
    public init(_ design: StudyDesign, check: Check) throws(Diagnostic) {
        let arms = try design.arms()
        var costs: [ArmCost] = []
        for arm in arms {
            do throws(Diagnostic) {
                costs.append(try check(arm.settings, "run"))
            } catch {
                throw Self.named(design.located(error, in: arm), arm, of: arms.count)
            }
        }
        self.design = design
        self.arms = arms
        self.costs = costs
        runs = try Self.runs(of: arms, seeds: design.seeds)
    }

    private static func named(_ error: Diagnostic, _ arm: Arm, of count: Int) -> Diagnostic {
        guard count > 1 else { return error }
        var error = error
        error.message += " (arm \(arm.name))"
        return error
    }

    private static func runs(of arms: [Arm], seeds: [Int]) throws(Diagnostic) -> [ArmRun] {
        let (count, overflow) = arms.count.multipliedReportingOverflow(by: seeds.count)
        guard !overflow, count <= maximumRuns else {
            throw Diagnostic(
                .usage, "\(arms.count) arms of \(seeds.count) seeds are more than \(maximumRuns) runs",
                remedy: "Take levels or seeds out")
        }
        var runs: [ArmRun] = []
        for arm in arms {
            for seed in seeds { runs.append(ArmRun(position: runs.count, arm: arm, seed: seed)) }
        }
        return runs
    }

    /// More runs than this are a mistake.
    public static let maximumRuns = 100_000
}

/// One run of a study: an arm at a seed.
public struct ArmRun: Sendable {
    /// The place in the plan, counted from 0; names the run in the ledger.
    public let position: Int
    public let arm: Arm
    public let seed: Int

    /// As the ledger holds it before the first step.
    public var record: ArmRunRecord {
        ArmRunRecord(
            position: position, arm: arm.name, levels: .object(arm.levels), seed: seed, settings: arm.settings)
    }
}

extension StudyPlan {
    /// What a reader should know about the controls, a sentence each.
    public var controlNotes: [String] {
        Arm.Role.allCases.compactMap { role in
            let names = arms.filter { $0.role == role }.compactMap { $0.original.map { arms[$0].name } }
            let what =
                switch role {
                case .design: ""
                case .sameAgain: "An A/A arm (the same settings, sampling streams keyed anew)"
                case .placebo: "A placebo (the same settings, the reward shuffled)"
                }
            guard role != .design else { return nil }
            return names.isEmpty
                ? "\(what) was left out by the study." : "\(what) was added to \(names.joined(separator: "; "))."
        }
    }
}

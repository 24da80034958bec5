import Diagnostics
import Foundation
import JSON
import Regimes
import Testing

@testable import Studies

/// The studies that come with the program.
@Suite struct ShippedStudiesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized

    static let names = [
        "accuracy", "demo", "majority-vote", "overoptimization", "prompt-blind", "regimes", "withdrawal",
    ]

    @Test("There are six studies and the demo, each with a page of documentation that names its analyses")
    func pages() throws {
        #expect(NamedStudies.names == Self.names)
        for name in Self.names {
            let page = Self.root.appending(path: "docs/studies/\(name).md")
            let text = try String(contentsOf: page, encoding: .utf8)
            #expect(text.hasPrefix("# ") && text.contains("assay study run \(name)") || name == "demo")
            let design = try NamedStudies.design(named: name)
            for analysis in design.analyses {
                let kind = try #require(analysis["kind"]?.stringValue)
                #expect(text.contains("`\(kind)`"), "\(name).md does not say what \(kind) shows")
            }
        }
    }

    @Test("The study that the guide to writing one shows can be run, and the guide has every analysis and regime")
    func guide() throws {
        let page = Self.root.appending(path: "docs/studies/writing.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst()
        let study = try #require(blocks.first?.components(separatedBy: "\n```").first)
        let design = try StudyDesign(parsing: Array(study.utf8))
        let plan = try StudyPlan(design) { (settings, path) throws(Diagnostic) in
            try RunCheck.cost(settings, path: path, folder: design.folder)
        }
        // Two rates by three kinds of KL, less one, and two controls.
        #expect(plan.arms.count == 7)
        #expect(try AnalysisRegistry(design).analyses.count == 3)
        for name in AnalysisRegistry.names + RegimeSettings.Kind.allCases.map(\.rawValue) {
            #expect(text.contains("`\(name)`"), "the guide does not know \(name)")
        }
    }

    @Test("Every arm of every study can be run, and every analysis can be read", arguments: names)
    func plans(name: String) throws {
        let design = try NamedStudies.design(named: name)
        let plan = try StudyPlan(design) { (settings, path) throws(Diagnostic) in
            try RunCheck.cost(settings, path: path, folder: design.folder)
        }
        let registry = try AnalysisRegistry(design)
        #expect(registry.analyses.count == design.analyses.count)
        #expect(plan.arms.contains { $0.role == .sameAgain } && plan.arms.contains { $0.role == .placebo })
        for arm in plan.arms where arm.role == .design {
            let settings = try RunSettings(arm.settings, path: "run", folder: "")
            let regime = settings.regimes[0].settings
            let readings =
                regime.steps / settings.meters.exactEvery + (regime.steps % settings.meters.exactEvery == 0 ? 1 : 2)
            #expect(!regime.trains || readings <= 21, "\(arm.name) has \(readings) exact readings")
        }
    }

    @Test("The accuracy study is as large as it has to be")
    func accuracy() throws {
        let design = try NamedStudies.design(named: "accuracy")
        let arms = try design.arms().filter { $0.role == .design }
        for regime in ["best-of-n", "grpo", "dpo"] {
            for mechanism in ["planted", "label-noise"] {
                let levels = arms.filter {
                    $0.levels["regime"]?.stringValue == regime && $0.levels["mechanism"]?.stringValue == mechanism
                }
                #expect(levels.count >= 9, "\(regime), \(mechanism)")
            }
        }
        #expect(design.seeds.count == 8)
        for arm in arms {
            let settings = try RunSettings(arm.settings, path: "run", folder: "")
            let regime = settings.regimes[0].settings
            #expect(!regime.trains || regime.steps >= 300)
            let exact = (0..<regime.steps).count { $0 % settings.meters.exactEvery == 0 } + 1
            #expect(exact <= 20)
        }
    }
}

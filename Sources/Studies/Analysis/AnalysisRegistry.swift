import Diagnostics
import Experiment
import JSON
import Ledger

/// What a study's author wants to know, ready to be asked of its results.
///
/// ```swift
/// let registry = try AnalysisRegistry(design)          // before the first step: unknown kinds and keys are errors here
/// request.provenance["rules"] = registry.rulesRecord   // what verdicts will go by, stored before the first step
/// let findings = try registry.findings(results)
/// ```
public struct AnalysisRegistry: Sendable {
    public let design: StudyDesign
    let analyses: [any Analysis]

    private static let kinds: [any Analysis.Type] = [
        LevelsAnalysis.self, GainsAnalysis.self, InteriorOptimumAnalysis.self, SignalTrackingAnalysis.self,
        OveroptimizationAnalysis.self,
        CurvesAnalysis.self, EqualDivergenceAnalysis.self, WithdrawalAnalysis.self, RemovalAnalysis.self,
        BreakAnalysis.self, PromptBlindAnalysis.self,
    ]

    /// What an analysis' `kind` may be.
    public static var names: [String] { kinds.map { $0.kind } }

    /// Reads a study's analyses; one that lists none gets the levels of its arms and the curves of the usual meters.
    ///
    /// - Throws: `usage` naming file, line and key.
    public init(_ design: StudyDesign) throws(Diagnostic) {
        self.design = design
        do throws(Diagnostic) {
            let listed = design.analyses.isEmpty ? Self.usual : design.analyses
            var analyses: [any Analysis] = []
            for (index, settings) in listed.enumerated() {
                analyses.append(try Self.analysis(settings, at: "analyses.\(index)", of: design))
            }
            self.analyses = analyses
        } catch {
            throw design.located(error, in: nil)
        }
    }

    /// The registry of a study that the ledger holds.
    ///
    /// - Throws: `badData` where this version of the program cannot read the study any more.
    public init(_ results: StudyResults) throws(Diagnostic) {
        do throws(Diagnostic) {
            try self.init(try StudyDesign(parsing: Array(results.design.source.utf8)))
        } catch {
            throw Diagnostic(
                .badData, "this version of the program cannot read the study of run \(results.run): \(error.message)",
                at: .init(file: results.ledger.path, field: error.location.field),
                remedy: "Use the version that wrote it")
        }
    }

    private static func analysis(
        _ settings: JSONValue, at path: String, of design: StudyDesign
    ) throws(Diagnostic) -> any Analysis {
        var reader = try SettingsReader(settings, path: path)
        guard let name = try reader.string("kind") else {
            throw Diagnostic(
                .usage, "the analysis has no kind", at: .init(field: reader.path(of: "kind")),
                remedy: "Write kind: \(names.joined(separator: ", "))")
        }
        guard let kind = kinds.first(where: { $0.kind == name }) else {
            let nearest = NearestName(to: name, among: names)?.name
            throw reader.wrong(
                "kind", .string(name), "should be one of \(names.joined(separator: ", "))",
                remedy: nearest.map { "Did you mean \($0)?" } ?? "Correct the value")
        }
        let analysis = try kind.init(&reader, of: design)
        try reader.finish()
        return analysis
    }

    private static let usual: [JSONValue] = [
        ["kind": "levels"],
        ["kind": "curves", "meters": ["exact.gold", "exact.kl", "gold.mean", "reward.mean", "kl.k3", "length.mean"]],
    ]
}

extension AnalysisRegistry {
    /// The rules that verdicts will go by, each once.
    public var rules: [VerdictRule] {
        var rules: [VerdictRule] = []
        for rule in analyses.flatMap(\.rules) where !rules.contains(rule) { rules.append(rule) }
        return rules
    }

    /// What verdicts go by besides rules, in words, each once.
    var statements: [String] {
        var statements: [String] = []
        for statement in analyses.flatMap(\.statements) where !statements.contains(statement) {
            statements.append(statement)
        }
        return statements
    }

    /// Digest and text of each rule, to be stored before the first step.
    public var rulesRecord: JSONValue {
        .array(
            (rules.map(\.canonicalText) + statements).map { text in
                ["digest": .string(SHA256Digest.hexadecimal(of: text.utf8)), "rule": .string(text)]
            })
    }

    /// What a study found.
    ///
    /// An analysis that cannot be done with these readings becomes a finding that says why; the others go on.
    ///
    /// - Throws: what reading the ledger throws.
    public func findings(_ results: StudyResults) throws(Diagnostic) -> Findings {
        let readings = try StudyReadings(results, design: design, meters: meters)
        var findings = Findings(title: design.title, question: design.question)
        // What is said of the controls comes after the study's own answers.
        var ofControls: [Finding] = []
        for analysis in analyses {
            let count = findings.verdicts.count
            do throws(Diagnostic) {
                try analysis.add(readings, to: &findings)
            } catch {
                findings.verdicts.append(Self.refusal(type(of: analysis).kind, error))
            }
            guard analysis is LevelsAnalysis else { continue }
            ofControls += findings.verdicts[count...]
            findings.verdicts.removeSubrange(count...)
        }
        findings.verdicts += ofControls
        try SampledBesideExact(level: design.verdicts.level).add(readings, to: &findings)
        findings.cautions += readings.cautions
        findings.provenance = try provenance(results, readings)
        return findings
    }

    private var meters: Set<String> { analyses.reduce(into: SampledBesideExact.meters) { $0.formUnion($1.meters) } }

    private static func refusal(_ kind: String, _ error: Diagnostic) -> Finding {
        Finding(
            verdict: "refused", subject: kind, explanation: "\(error.message). \(error.remedy)", tone: .open, rule: "")
    }
}

import Benching
import Diagnostics
import Experiment
import JSON
import Ledger
import Report
import Studies
import Torch

/// Joins studies to what runs, analyses and shows them; the verbs `run`, `study`, `report`, `demo` and `worker` call it.
enum StudyProgram {
    static let parts = Parts()

    /// What a study will take, as text or JSON.
    static func forecast(_ request: StudyRequest, asJSON: Bool) throws(Diagnostic) -> String {
        let study = try StudyRun(request, parts: parts)
        if !request.isQuiet { Terminal.writeError("measuring how fast runs go here\n") }
        let forecast = try study.forecast(parts)
        return asJSON ? forecast.json.text + "\n" : forecast.text
    }

    /// Runs a study, prints its verdicts, writes its report where a folder is named, and says how it went.
    static func execute(_ request: StudyRequest, report folder: String?) async throws(Diagnostic) {
        if let folder { try OutputFolder.make(for: "\(folder)/index.html") }
        let results = try await run(try completed(request))
        print(try results.ledger.findings(of: results.run).text, terminator: "")
        if let folder { print(try writeReport(of: [results], to: folder).last ?? folder) }
        if !request.isQuiet { Terminal.writeError(results.summary) }
        if let failure = results.failure ?? results.divergence { throw failure }
    }

    /// With what produces the numbers, which goes into the record before the first step.
    private static func completed(_ request: StudyRequest) throws(Diagnostic) -> StudyRequest {
        var request = request
        request.commandLine = CommandLineRecord(CommandLine.arguments).arguments
        request.provenance = try parts.provenance(of: request.design)
        request.machine = try parts.machine()
        return request
    }

    /// While somebody listens, the first Ctrl-C lets the study stop in good order.
    private static func run(_ request: StudyRequest) async throws(Diagnostic) -> StudyResults {
        let interruption = Program.interruption
        let study = try StudyRun(request, parts: parts) { interruption.isRequested }
        interruption.listen {}
        defer { interruption.stopListening() }
        do throws(Diagnostic) {
            return try await study.run(analysis: parts.findings)
        } catch {
            throw error.category == .interrupted ? resumable(error) : error
        }
    }

    private static func resumable(_ error: Diagnostic) -> Diagnostic {
        var error = error
        error.remedy = "Go on with: \(CommandLineRecord(CommandLine.arguments).resuming)"
        return error
    }

    /// The page of several studies of a ledger.
    static func writeReport(of results: [StudyResults], to folder: String) throws(Diagnostic) -> [String] {
        var findings: [Findings] = []
        for result in results { findings.append(try AnalysisRegistry(result).findings(result)) }
        let title = findings.count == 1 ? findings[0].title : "Assay: \(findings.count) studies"
        return try ReportPage(title: title, findings: findings, groups: groups(of: findings)).write(to: folder)
    }

    /// Figures that say of themselves that they belong together are shown side by side, with n in their heading where they share it.
    private static func groups(of findings: [Findings]) -> [FigureGroup] {
        var members: [(name: String, figures: [Figure])] = []
        for figure in findings.flatMap(\.figures) {
            guard let name = figure.group else { continue }
            if let index = members.firstIndex(where: { $0.name == name }) {
                members[index].figures.append(figure)
            } else {
                members.append((name, [figure]))
            }
        }
        return members.map { name, figures in
            let n = Set(figures.compactMap(\.n))
            return FigureGroup(
                title: name, n: n.count == 1 ? n.first : nil, caption: "", figures: figures.map(\.id))
        }
    }

    /// What a study needs of the program.
    struct Parts: StudyParts {
        var runner: any ArmRunning { PolicyArmRunner() }

        func provenance() throws(Diagnostic) -> JSONValue {
            [
                "program": .string(ProgramVersion.text), "libtorch": .string(try TorchLibrary.version()),
                // Another shim or instruction set adds in another order.
                "instruction-set": .string(try TorchLibrary.cpuCapability()),
                "shim": .string(SHA256Digest.hexadecimal(of: try InputFile(path: TorchLibrary.path()).readToEnd())),
            ]
        }

        /// With the rules that verdicts will go by, before the first step.
        func provenance(of design: StudyDesign) throws(Diagnostic) -> JSONValue {
            var members = try provenance().objectValue ?? [:]
            members["rules"] = try AnalysisRegistry(design).rulesRecord
            return .object(members)
        }

        func machine() throws(Diagnostic) -> JSONValue { .object(MachineFacts().json) }

        func cost(of settings: JSONValue, path: String, folder: String) throws(Diagnostic) -> ArmCost {
            try RunCheck.cost(settings, path: path, folder: folder)
        }

        func forecasts(of plan: StudyPlan) throws(Diagnostic) -> [ArmForecast] { try RunForecast.forecasts(of: plan) }

        func check(analysis: JSONValue, path: String, of plan: StudyPlan) throws(Diagnostic) {
            try AnalysisRegistry.check(plan.design)
        }

        func findings(of results: StudyResults) throws(Diagnostic) -> [FindingRecord] {
            try AnalysisRegistry(results).findings(results).records
        }

        func writeReport(of results: StudyResults, to folder: String) throws(Diagnostic) {
            _ = try StudyProgram.writeReport(of: [results], to: folder)
        }
    }
}

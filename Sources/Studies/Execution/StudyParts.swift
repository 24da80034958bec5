import Diagnostics
import JSON
import Ledger

/// What a study needs from those who know runs and analyses; given to the command line in one place.
public protocol StudyParts: Sendable {
    /// Executes runs, in a worker process.
    var runner: any ArmRunning { get }

    /// What produces the numbers besides the design, such as versions. A study is gone on with only where it is the same.
    func provenance() throws(Diagnostic) -> JSONValue

    /// The machine, as far as it stays the same from run to run.
    func machine() throws(Diagnostic) -> JSONValue

    /// Checks the settings of a run, and says what it will take.
    ///
    /// - Parameters:
    ///   - path: how fields of errors begin, such as `run`: `run.regime.kind`.
    ///   - folder: where relative paths in the settings start.
    func cost(of settings: JSONValue, path: String, folder: String) throws(Diagnostic) -> ArmCost

    /// What a run of each arm takes on this machine, measured by doing a little of it; in the order of the arms.
    func forecasts(of plan: StudyPlan) throws(Diagnostic) -> [ArmForecast]

    /// Checks one of the study's analyses. Fields of errors begin with the path, `analyses.0`.
    func check(analysis: JSONValue, path: String, of plan: StudyPlan) throws(Diagnostic)

    /// What the study found: contrasts, verdicts, cautions.
    func findings(of results: StudyResults) throws(Diagnostic) -> [FindingRecord]

    /// Writes the report's files into a folder, which is made where it is not there.
    func writeReport(of results: StudyResults, to folder: String) throws(Diagnostic)
}

extension StudyRun {
    /// Plans a study and checks its analyses; computes nothing.
    public init(
        _ request: StudyRequest, parts: some StudyParts, isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) throws(Diagnostic) {
        let design = request.design
        try self.init(request, isInterrupted: isInterrupted) { (settings, path) throws(Diagnostic) in
            try parts.cost(of: settings, path: path, folder: design.folder)
        }
        for (index, analysis) in design.analyses.enumerated() {
            do throws(Diagnostic) {
                try parts.check(analysis: analysis, path: "analyses.\(index)", of: plan)
            } catch {
                throw design.located(error, in: nil)
            }
        }
    }

    /// What the study will take.
    public func forecast(_ parts: some StudyParts) throws(Diagnostic) -> PlanForecast {
        PlanForecast(plan, jobs: request.jobs, perRun: try parts.forecasts(of: plan))
    }
}

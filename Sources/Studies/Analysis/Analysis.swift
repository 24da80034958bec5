import Diagnostics
import Experiment

/// One way of looking at what a study read. A study's `analyses:` list says which are wanted, each a map with its `kind`.
///
/// An analysis is read before the first step, so that what will be asked, and the rule of each verdict, is fixed before the
/// data are there.
protocol Analysis: Sendable {
    /// What `kind` calls it.
    static var kind: String { get }

    /// - Throws: `usage` with the key's path.
    init(_ reader: inout SettingsReader, of design: StudyDesign) throws(Diagnostic)

    /// The meters whose readings it looks at.
    var meters: Set<String> { get }
    /// The rules of its verdicts.
    var rules: [VerdictRule] { get }
    /// Rules besides these, in words: what a verdict goes by that no ``VerdictRule`` holds.
    var statements: [String] { get }

    /// Adds what it finds.
    ///
    /// - Throws: `badData` where the readings do not allow the question to be answered; the report then says so.
    func add(_ readings: StudyReadings, to findings: inout Findings) throws(Diagnostic)
}

extension Analysis {
    var statements: [String] { [] }
}

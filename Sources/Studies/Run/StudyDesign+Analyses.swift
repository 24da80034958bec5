import Diagnostics
import JSON

extension AnalysisRegistry {
    /// Checks all analyses of a design at once: errors name file and line.
    public static func check(_ design: StudyDesign) throws(Diagnostic) { _ = try AnalysisRegistry(design) }
}

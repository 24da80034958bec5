import Diagnostics

extension Diagnostic {
    /// What a user can do about any template that does not render.
    static let templateRemedy = "Give another template with --template FILE|NAME|raw"

    /// A fault of a template, or of what it does with the values that it is given.
    static func template(_ message: String, line: Int? = nil) -> Diagnostic {
        Diagnostic(.badData, message, at: .init(line: line), remedy: templateRemedy)
    }

    /// A construct of Jinja or Python that this interpreter lacks.
    static func unsupported(_ construct: String, line: Int? = nil) -> Diagnostic {
        template("the template uses \(construct), which is not supported", line: line)
    }
}

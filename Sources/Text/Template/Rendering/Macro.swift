import Diagnostics

/// A macro, or the body of a call block, together with the scope in which it was defined.
final class Macro: TemplateObject {
    let definition: MacroDefinition
    let scope: Scope
    /// Empty for the body of a call block.
    let name: String

    init(_ definition: MacroDefinition, in scope: Scope, name: String) {
        self.definition = definition
        self.scope = scope
        self.name = name
    }

    var typeName: String { "Macro" }
    var isCallable: Bool { true }

    func write(to writer: inout ValueWriter) throws(Diagnostic) {
        try writer.append("<Macro \(name.isEmpty ? "anonymous" : TemplateString(name).quoted)>")
    }

    func attribute(_ name: String) throws(Diagnostic) -> TemplateValue? {
        switch name {
        case "name": self.name.isEmpty ? TemplateValue.none : .string(self.name)
        case "arguments", "caller", "catch_kwargs", "catch_varargs", "explicit_caller":
            throw .unsupported("'\(name)' of a macro")
        default: nil
        }
    }

    func call(_ arguments: CallArguments, in renderer: TemplateRenderer) throws(Diagnostic) -> TemplateValue {
        try renderer.nested { () throws(Diagnostic) in .string(try renderer.run(self, arguments)) }
    }
}

import Diagnostics
import JSON

/// A template in the Jinja language, as far as the chat templates of public checkpoints use it.
///
/// A template renders to what Python's jinja2 makes of it in the environment that Hugging Face transformers sets up: the
/// immutable sandbox, `trim_blocks` and `lstrip_blocks`, `break` and `continue`, the block `generation`, the functions
/// `raise_exception` and `strftime_now`, and `tojson` without HTML escapes. What this interpreter lacks (inheritance,
/// imports, a few filters and methods) is an error that names the construct and its line; nothing is left out silently.
/// So are integers beyond 64 bits, escapes that make half a surrogate pair, and the text of values that Python prints
/// with their address.
///
/// A template is text from elsewhere, so a rendering is bounded by ``Limits`` and by a nesting depth.
public struct JinjaTemplate: Sendable {
    /// What one rendering may spend before it is refused.
    public struct Limits: Sendable, Hashable {
        /// Steps of work: about the number of expressions evaluated and elements visited.
        public var steps = 5_000_000
        /// Steps granted on top for each byte of what the template is given.
        public var stepsPerInputByte = 16
        /// Bytes of text and lists made in all, including intermediate ones.
        public var bytes = 64 << 20
        /// Bytes granted on top for each byte of what the template is given.
        public var bytesPerInputByte = 64

        public init() {}
    }

    /// What errors call the template: a file, or the name of a built-in template.
    public let name: String
    public var limits = Limits()
    let statements: [Statement]
    let names: SymbolTable
    let layouts: [ScopeLayout]

    /// Parses a template.
    ///
    /// - Throws: `badData` with the line of what is wrong or not supported.
    public init(_ source: String, name: String) throws(Diagnostic) {
        self.name = name
        do throws(Diagnostic) {
            (statements, names, layouts) = try OwnStack.run { () throws(Diagnostic) in try Self.compile(source) }
        } catch {
            throw error.located(file: name)
        }
    }

    private static func compile(_ source: String) throws(Diagnostic) -> ([Statement], SymbolTable, [ScopeLayout]) {
        let parsed = try TemplateParser.parse(source)
        var names = parsed.names
        let layouts = try ScopeAnalysis.layouts(of: parsed.statements, scopeCount: parsed.scopeCount, names: &names)
        return (parsed.statements, names, layouts)
    }

    /// Whether the template names `strftime_now`, so that what it renders depends on the time.
    public var readsClock: Bool { names.find("strftime_now") != nil }

    /// Renders the template.
    ///
    /// - Parameters:
    ///   - context: the variables by name.
    ///   - now: the time that `strftime_now` formats; by default that of the call.
    /// - Throws: `badData` with the line of what failed, or with the message that the template raises.
    public func render(_ context: [String: JSONValue], now: LocalTime? = nil) throws(Diagnostic) -> String {
        do throws(Diagnostic) {
            let renderer = try TemplateRenderer(self, context: context, now: now)
            return try renderer.render()
        } catch {
            throw error.located(file: name)
        }
    }
}

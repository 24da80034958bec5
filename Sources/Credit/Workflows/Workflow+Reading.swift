import Diagnostics
import Experiment
import Foundation
import JSON
import Worlds
import YAML

extension Workflow {
    /// Reads a workflow's file.
    ///
    /// - Throws: `inputMissing` where it cannot be read; `badData` where it is no YAML; `usage` where it says what cannot be.
    ///   Each names file, line and field.
    public init(readingFile path: String) throws(Diagnostic) {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        try self.init(parsing: try InputFile(path: path).readToEnd(), file: path, folder: folder)
    }

    /// - Parameters:
    ///   - file: what errors call it.
    ///   - folder: what a command's path in the outcome's rule counts from.
    public init(parsing bytes: [UInt8], file: String? = nil, folder: String = "") throws(Diagnostic) {
        let document = try YAMLDocument(parsing: bytes, file: file)
        do throws(Diagnostic) {
            try self.init(document.value, folder: folder)
        } catch {
            throw document.positions.located(error, file: file)
        }
    }

    private init(_ value: JSONValue, folder: String) throws(Diagnostic) {
        var reader = try SettingsReader(value, path: "")
        name = try reader.string("workflow", default: "workflow")
        values = try Self.values(try reader.map("values"))
        let model = try reader.string("model")
        var steps = try WorkflowReader(values, try reader.map("roles"), model: model)
        parts = try steps.parts(try reader.list("steps"), path: reader.path(of: "steps"))
        roles = steps.roles
        outcome = try steps.outcome(try reader.map("outcome"), relativeTo: folder)
        try steps.checkPlaces()
        try reader.finish()
    }

    private static func values(_ reader: SettingsReader) throws(Diagnostic) -> JSONObject {
        var reader = reader
        var values = JSONObject()
        for key in reader.keys {
            switch reader.value(key) {
            case .string(let text)?: values[key] = .string(text)
            case let number? where number.doubleValue != nil: values[key] = number
            case let other:
                throw reader.wrong(key, other ?? .null, "should be a text or a number")
            }
        }
        return values
    }
}

import Diagnostics
import JSON
import Ledger
import Rewards
import Text
import Torch

/// The settings that decide a run's numbers, as the ledger holds them and as `--resume` compares them.
struct RunSettings {
    private(set) var json = JSONObject()

    init(verb: String) {
        json["verb"] = .string(verb)
        json["program"] = .string(ProgramVersion.text)
    }

    subscript(name: String) -> JSONValue? {
        get { json[name] }
        set { json[name] = newValue }
    }

    var value: JSONValue { .object(json) }

    /// How models are run; belongs to the settings only where a model is.
    ///
    /// - Throws: `inputMissing` where libtorch or the template's file is not there.
    mutating func addModel(_ settings: ModelSettings, threads: Int, ledger: Ledger) throws(Diagnostic) {
        json["dtype"] = settings.elementType.map { .string($0.rawValue) } ?? "as saved"
        json["device"] = .string(settings.device.name)
        json["max_length"] = settings.maximumLength.map { .integer($0) } ?? "the model's"
        json["truncate"] = settings.truncation.map { .string($0.rawValue) } ?? "none"
        json["template"] = try settings.template.record(ledger)
        json["rows_per_pass"] = .integer(settings.rowsPerPass)
        json["threads"] = .integer(threads)
        // Another libtorch, shim or instruction set adds in another order, so its batches are not to be mixed with these.
        json["libtorch"] = [
            "version": .string(try TorchLibrary.version()), "capability": .string(try TorchLibrary.cpuCapability()),
            "shim": .string(try ledger.digest(ofFile: TorchLibrary.path())),
        ]
    }
}

extension TemplateChoice {
    /// The choice for the record; a file with its text's digest.
    func record(_ ledger: Ledger) throws(Diagnostic) -> JSONValue {
        switch self {
        case .checkpoint: "the checkpoint's"
        case .raw: "raw"
        case .named(let name): .string(name)
        case .file(let path): ["file": .string(path), "sha256": .string(try ledger.digest(ofFile: path))]
        }
    }
}

/// What is not the same between two runs' settings, in words.
struct SettingsDifference {
    let parts: [String]

    init(from earlier: JSONValue, to present: JSONValue) {
        let (old, new) = (Self.leaves(earlier), Self.leaves(present))
        var names = old.map(\.name)
        for leaf in new where !names.contains(leaf.name) { names.append(leaf.name) }
        parts = names.compactMap { name in
            let (was, present) = (old.first { $0.name == name }?.text, new.first { $0.name == name }?.text)
            return was == present ? nil : "\(name) (\(Self.shortened(was)) then, \(Self.shortened(present)) now)"
        }
    }

    private static func leaves(_ value: JSONValue, _ name: String = "") -> [(name: String, text: String)] {
        guard let members = value.objectValue else { return [(name, value.stringValue ?? value.text)] }
        return members.flatMap { leaves($0.value, name.isEmpty ? $0.key : "\(name) \($0.key)") }
    }

    /// A digest is told by its first digits.
    private static func shortened(_ text: String?) -> String {
        guard let text else { return "nothing" }
        let isDigest = text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
        return isDigest ? String(text.prefix(8)) : (text.count > 60 ? "\(text.prefix(59))…" : text)
    }
}

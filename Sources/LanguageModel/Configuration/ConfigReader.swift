import Diagnostics
import JSON

/// Reads fields of a config.json with errors that name the field.
struct ConfigReader {
    let values: JSONValue
    let file: String
    /// Where the fields lie in the file, such as `rope_scaling.`.
    var path = ""

    func has(_ key: String) -> Bool { values[key].map { !$0.isNull } ?? false }

    func int(_ key: String) throws(Diagnostic) -> Int {
        guard let value = try int(optional: key) else { throw missing(key) }
        return value
    }

    /// A count of at least 1. No model comes near the limits; they keep products of sizes within an `Int`.
    func size(_ key: String, upTo limit: Int) throws(Diagnostic) -> Int {
        let value = try int(key)
        guard (1...limit).contains(value) else { throw wrong(key, "a whole number from 1 to \(limit)") }
        return value
    }

    func int(optional key: String) throws(Diagnostic) -> Int? {
        guard has(key), let value = values[key] else { return nil }
        guard let number = value.intValue else { throw wrong(key, "a whole number") }
        return number
    }

    func double(optional key: String) throws(Diagnostic) -> Double? {
        guard has(key), let value = values[key] else { return nil }
        guard let number = value.doubleValue, number.isFinite else { throw wrong(key, "a number") }
        return number
    }

    func positive(optional key: String) throws(Diagnostic) -> Double? {
        guard let value = try double(optional: key) else { return nil }
        guard value > 0 else { throw wrong(key, "a positive number") }
        return value
    }

    func bool(_ key: String, default fallback: Bool) throws(Diagnostic) -> Bool {
        guard has(key), let value = values[key] else { return fallback }
        guard let flag = value.boolValue else { throw wrong(key, "true or false") }
        return flag
    }

    func string(optional key: String) throws(Diagnostic) -> String? {
        guard has(key), let value = values[key] else { return nil }
        guard let text = value.stringValue else { throw wrong(key, "a string") }
        return text
    }

    /// An id or a list of ids.
    func ids(_ key: String) throws(Diagnostic) -> [Int32] {
        guard has(key), let value = values[key] else { return [] }
        let list = value.arrayValue ?? [value]
        let ids = list.compactMap { $0.intValue.flatMap(Int32.init(exactly:)) }
        guard ids.count == list.count else { throw wrong(key, "a token id or a list of them") }
        return ids
    }

    /// The first of several names under which a number may stand.
    func double(anyOf keys: [String]) throws(Diagnostic) -> Double? {
        for key in keys { if let value = try double(optional: key) { return value } }
        return nil
    }

    /// The first of several names under which a text may stand.
    func string(anyOf keys: [String]) throws(Diagnostic) -> String? {
        for key in keys { if let value = try string(optional: key) { return value } }
        return nil
    }

    func nested(_ key: String) throws(Diagnostic) -> ConfigReader? {
        guard has(key), let value = values[key] else { return nil }
        guard value.objectValue != nil else { throw wrong(key, "an object") }
        return ConfigReader(values: value, file: file, path: path + key + ".")
    }

    func missing(_ key: String) -> Diagnostic {
        Diagnostic(
            .badData, "the field is missing", at: .init(file: file, field: path + key),
            remedy: "The config.json is incomplete; fetch it again")
    }

    func wrong(_ key: String, _ expected: String) -> Diagnostic {
        Diagnostic(
            .badData, "the field should be \(expected), not \(values[key]?.text.prefix(60) ?? "missing")",
            at: .init(file: file, field: path + key), remedy: "Correct the config.json or fetch it again")
    }
}

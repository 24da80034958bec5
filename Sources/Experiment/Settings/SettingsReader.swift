import Diagnostics
import JSON

/// Reads a map of settings with their types, and remembers which keys were asked for, so that a key that nobody asked for is
/// an error and never silently ignored.
///
/// Every error is a `usage` diagnostic whose field is the key's path, such as `run.regime.kind`; who read the file can say on
/// which line that is.
///
/// ```swift
/// var reader = try SettingsReader(value, path: "run.regime")
/// let steps = try reader.integer("steps", default: 300, in: 1...1_000_000)
/// let clip = try reader.number("clip", default: 0.2, in: 0...1)
/// try reader.finish()
/// ```
public struct SettingsReader {
    /// Where the map stands: `run.regime`; empty for the whole document.
    public let path: String
    private let members: JSONObject
    private var asked: [String] = []

    /// - Throws: `usage` where the value is not a map.
    public init(_ value: JSONValue, path: String) throws(Diagnostic) {
        guard case .object(let members) = value else {
            throw Diagnostic(
                .usage, "settings here should be a map of keys and values", at: .init(field: path),
                remedy: "Write it as 'key: value' lines")
        }
        self.members = members
        self.path = path
    }

    /// The path of a key.
    public func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The keys that are given, in order.
    public var keys: [String] { members.keys.map { String($0) } }

    /// The value as it is; `nil` where the key is not given or null.
    public mutating func value(_ key: String) -> JSONValue? {
        if !asked.contains(key) { asked.append(key) }
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    public mutating func string(_ key: String) throws(Diagnostic) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value else { throw wrong(key, value, "should be text") }
        return text
    }

    public mutating func string(_ key: String, default fallback: String) throws(Diagnostic) -> String {
        try string(key) ?? fallback
    }

    /// A number within a range.
    public mutating func number(_ key: String, in range: ClosedRange<Double>) throws(Diagnostic) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.doubleValue, range.contains(number) else {
            throw wrong(key, value, "should be a number\(Self.bounds(range))")
        }
        return number
    }

    public mutating func number(
        _ key: String, default fallback: Double, in range: ClosedRange<Double>
    ) throws(Diagnostic) -> Double {
        try number(key, in: range) ?? fallback
    }

    /// An integer within a range.
    public mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(Diagnostic) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            throw wrong(key, value, "should be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    public mutating func integer(
        _ key: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(Diagnostic) -> Int {
        try integer(key, in: range) ?? fallback
    }

    public mutating func flag(_ key: String, default fallback: Bool) throws(Diagnostic) -> Bool {
        guard let value = value(key) else { return fallback }
        guard let flag = value.boolValue else { throw wrong(key, value, "should be true or false") }
        return flag
    }

    /// One of an enumeration's raw values.
    public mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Choice
    ) throws(Diagnostic) -> Choice where Choice.RawValue == String {
        guard let value = value(key) else { return fallback }
        let names = Choice.allCases.map(\.rawValue)
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            let nearest = value.stringValue.flatMap { NearestName(to: $0, among: names)?.name }
            throw wrong(
                key, value, "should be one of \(names.joined(separator: ", "))",
                remedy: nearest.map { "Did you mean \($0)?" } ?? "Write, for example, \(key): \(names[0])")
        }
        return choice
    }

    /// A map inside this one; an empty map where the key is not given.
    public mutating func map(_ key: String) throws(Diagnostic) -> SettingsReader {
        try SettingsReader(value(key) ?? .object([:]), path: path(of: key))
    }

    /// A list; empty where the key is not given.
    public mutating func list(_ key: String) throws(Diagnostic) -> [JSONValue] {
        guard let value = value(key) else { return [] }
        guard case .array(let elements) = value else { throw wrong(key, value, "should be a list") }
        return elements
    }

    /// - Throws: `usage` where a key was given that nobody asked for.
    public func finish() throws(Diagnostic) {
        guard let unknown = keys.first(where: { !asked.contains($0) }) else { return }
        let nearest = NearestName(to: unknown, among: asked)?.name
        throw Diagnostic(
            .usage, "there is no setting '\(unknown)' here", at: .init(field: path(of: unknown)),
            remedy: nearest.map { "Did you mean \($0)?" } ?? "Known here: \(asked.sorted().joined(separator: ", "))")
    }

    /// The error for a value that cannot be.
    public func wrong(
        _ key: String, _ value: JSONValue, _ expectation: String, remedy: String = "Correct the value"
    ) -> Diagnostic {
        Diagnostic(
            .usage, "\(key) \(expectation), but this is \(value.text)", at: .init(field: path(of: key)), remedy: remedy)
    }

    private static func bounds(_ range: ClosedRange<Double>) -> String {
        switch (range.lowerBound == -Double.greatestFiniteMagnitude, range.upperBound == .greatestFiniteMagnitude) {
        case (true, true): ""
        case (false, true): " of at least \(range.lowerBound)"
        case (true, false): " of at most \(range.upperBound)"
        case (false, false): " from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}

extension ClosedRange<Double> {
    public static var finite: Self { -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude }
    public static var notNegative: Self { 0...Double.greatestFiniteMagnitude }
    public static var positive: Self { Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude }
    public static var probability: Self { 0...1 }
}

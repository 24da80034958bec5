import Diagnostics

/// Reads a spec's parameters with their types, and remembers which keys were asked for, so that a key that nobody asked
/// for is an error and never silently ignored.
///
/// ```swift
/// var parameters = spec.parameterReader
/// let beta = try parameters.double("beta", default: 0.1, in: .positive)
/// let pool = try parameters.choice("pool", default: Pool.last)
/// try parameters.finish()
/// ```
public struct ParameterReader {
    public let spec: RewardSpec
    /// The keys asked for so far, in that order.
    public private(set) var keys: [String] = []

    public init(_ spec: RewardSpec) { self.spec = spec }

    /// The value as it was written; `nil` where the key is not given.
    public mutating func text(_ key: String) -> String? {
        if !keys.contains(key) { keys.append(key) }
        return spec[key]
    }

    /// The value of a key that must be given.
    ///
    /// - Parameter form: what the value looks like, for the error: `DIR|none`.
    public mutating func requiredText(_ key: String, form: String) throws(Diagnostic) -> String {
        guard let text = text(key) else {
            throw failure("\(spec.kind.rawValue) needs the key '\(key)'", at: key, remedy: "Add \(key)=\(form)")
        }
        return text
    }

    /// A number within a range.
    public mutating func double(
        _ key: String, default fallback: Double, in range: NumberRange = .finite
    ) throws(Diagnostic) -> Double {
        guard let text = text(key) else { return fallback }
        guard let value = Double(text), range.contains(value) else {
            throw wrong(key, text, "should be \(range)", remedy: "Write, for example, \(key)=\(fallback)")
        }
        return value
    }

    /// An integer within a range.
    public mutating func integer(
        _ key: String, default fallback: Int, in range: ClosedRange<Int> = Int.min...Int.max
    ) throws(Diagnostic) -> Int {
        guard let text = text(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            let bounds = range == Int.min...Int.max ? "" : " from \(range.lowerBound) to \(range.upperBound)"
            throw wrong(key, text, "should be an integer\(bounds)", remedy: "Write, for example, \(key)=\(fallback)")
        }
        return value
    }

    /// A seed: an integer from 0 to 2^64 − 1.
    public mutating func seed(_ key: String, default fallback: UInt64) throws(Diagnostic) -> UInt64 {
        guard let text = text(key) else { return fallback }
        guard let value = UInt64(text) else {
            throw wrong(
                key, text, "should be an integer from 0 to \(UInt64.max)",
                remedy: "Write, for example, \(key)=\(fallback)")
        }
        return value
    }

    /// `true` or `false`.
    public mutating func flag(_ key: String, default fallback: Bool) throws(Diagnostic) -> Bool {
        guard let text = text(key) else { return fallback }
        guard let value = Bool(text) else {
            throw wrong(key, text, "should be true or false", remedy: "Write \(key)=\(!fallback), or leave the key out")
        }
        return value
    }

    /// One of an enumeration's raw values; `nil` where the key is not given.
    public mutating func choice<Choice>(
        _ key: String, of type: Choice.Type = Choice.self
    ) throws(Diagnostic) -> Choice? where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = text(key) else { return nil }
        guard let value = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue)
            let nearest = NearestName(to: text, among: names).map { "Did you mean '\($0.name)'? " } ?? ""
            throw wrong(
                key, text, "is not one of its values",
                remedy: "\(nearest)The values are \(names.joined(separator: ", "))")
        }
        return value
    }

    /// One of an enumeration's raw values.
    public mutating func choice<Choice>(
        _ key: String, default fallback: Choice
    ) throws(Diagnostic) -> Choice where Choice: RawRepresentable<String> & CaseIterable {
        try choice(key, of: Choice.self) ?? fallback
    }

    /// Call when every key has been read.
    ///
    /// - Throws: `usage` where the spec has a key that was not asked for; names the keys that were, and the nearest.
    public func finish() throws(Diagnostic) {
        guard let unknown = spec.parameters.first(where: { !keys.contains($0.key) })?.key else { return }
        let nearest = NearestName(to: unknown, among: keys).map { "Did you mean '\($0.name)'? " } ?? ""
        let allowed = keys.isEmpty ? "It takes no keys" : "Its keys are \(keys.joined(separator: ", "))"
        throw failure("\(spec.title) takes no key '\(unknown)'", at: unknown, remedy: nearest + allowed)
    }

    /// A `usage` diagnostic located at one of the spec's keys.
    public func failure(_ message: String, at key: String, remedy: String) -> Diagnostic {
        Diagnostic(
            .usage, message,
            at: .init(field: "reward '\(RewardSpec.excerpt(of: spec.description))', key '\(key)'"), remedy: remedy)
    }

    private func wrong(_ key: String, _ text: String, _ what: String, remedy: String) -> Diagnostic {
        failure("'\(text.prefix(40))' \(what)", at: key, remedy: remedy)
    }
}

extension RewardSpec {
    /// Reads this spec's parameters.
    public var parameterReader: ParameterReader { ParameterReader(self) }

    /// What errors call the reward: its kind, and its name where the source is one.
    var title: String {
        if case .name = kind.source, !source.isEmpty { "\(kind.rawValue):\(source)" } else { kind.rawValue }
    }
}

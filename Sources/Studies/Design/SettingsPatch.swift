import Diagnostics
import JSON

/// One change to a run's settings: a value put at a dotted path, such as `regime.learning-rate` or `reward.0.accuracy`.
///
/// A place in a list is its number, counted from 0, or the `name` of the map that stands there (`reward.proxy.accuracy`).
/// Maps that are not there are made; places in lists are not.
public struct SettingsPatch: Sendable, Hashable {
    /// With places in lists as numbers once it was applied.
    public internal(set) var path: String
    public let value: JSONValue
    /// Where in the study file it is written, as a path: `factors.regime.0.set.regime.kind`.
    let source: String

    /// The settings with the value in its place; the path then names places in lists by their numbers.
    mutating func apply(to settings: JSONValue) throws(Diagnostic) -> JSONValue {
        var canonical: [String] = []
        let result = try put(path.split(separator: ".", omittingEmptySubsequences: false), settings, &canonical)
        path = canonical.joined(separator: ".")
        return result
    }

    private func put(
        _ keys: [Substring], _ settings: JSONValue, _ canonical: inout [String]
    ) throws(Diagnostic) -> JSONValue {
        guard let key = keys.first.map(String.init) else { return value }
        guard !key.isEmpty else { throw failure("the path '\(path)' has an empty part") }
        let rest = Array(keys.dropFirst())
        switch settings {
        case .object(var members):
            canonical.append(key)
            members[key] = try put(rest, members[key] ?? (rest.isEmpty ? .null : [:]), &canonical)
            return .object(members)
        case .array(var elements):
            let place = try place(of: key, in: elements)
            canonical.append(String(place))
            elements[place] = try put(rest, elements[place], &canonical)
            return .array(elements)
        default:
            let reached = canonical.isEmpty ? "the settings" : "'\(canonical.joined(separator: "."))'"
            throw failure("\(reached) is \(settings.kindName), so nothing can be put at '\(key)' inside it")
        }
    }

    private func place(of key: String, in elements: [JSONValue]) throws(Diagnostic) -> Int {
        if let place = Int(key), elements.indices.contains(place) { return place }
        let named = elements.indices.filter { elements[$0]["name"]?.stringValue == key }
        if named.count == 1 { return named[0] }
        let names = elements.compactMap { $0["name"]?.stringValue }
        let known = names.isEmpty ? "places 0 to \(elements.count - 1)" : names.joined(separator: ", ")
        throw failure(
            elements.isEmpty ? "the list that '\(path)' looks into is empty" : "the list has no element '\(key)'",
            remedy: elements.isEmpty ? "Put an element there in run" : "It has \(known)")
    }

    private func failure(_ message: String, remedy: String = "Write the path as it stands in run") -> Diagnostic {
        Diagnostic(.usage, message, at: .init(field: source), remedy: remedy)
    }
}

extension SettingsPatch {
    /// Whether this patch replaces what the other has put into the settings.
    func erases(_ other: SettingsPatch) -> Bool { path == other.path || other.path.hasPrefix(path + ".") }
}

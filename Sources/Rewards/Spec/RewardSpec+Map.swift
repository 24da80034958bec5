import Diagnostics
import JSON

extension RewardSpec {
    /// The words of the map form that are no keys of a kind.
    static let mapWords: Set<String> = ["kind", "source", "members"]

    /// Reads the map form, as a study file holds it: `kind`, `source` (or `members`, each a map or a spec's text), and
    /// the kind's keys, whose values are strings, numbers or booleans.
    ///
    /// - Throws: a `usage` diagnostic that names the field, such as `members[1].beta`.
    public init(map: JSONValue) throws(Diagnostic) {
        self = try RewardSpecMap(value: map, path: "", depth: 0).spec()
    }

    /// The spec in map form.
    public var map: JSONValue {
        var map = JSONObject()
        map["kind"] = .string(kind.rawValue)
        if kind.source == .members {
            map["members"] = .array(members.map(\.map))
        } else if !kind.takesNoSource {
            map["source"] = .string(source)
        }
        for parameter in parameters { map[parameter.key] = .string(parameter.value) }
        return .object(map)
    }
}

/// Reads one level of the map form.
private struct RewardSpecMap {
    let value: JSONValue
    /// The field path of `value`; empty at the top.
    let path: String
    let depth: Int

    func spec() throws(Diagnostic) -> RewardSpec {
        guard let map = value.objectValue else {
            throw failure(
                "a reward should be a map, but this is \(value.kindName)", remedy: "Give it 'kind', 'source' and keys")
        }
        let kind = try kind(of: map)
        let parameters = try parameters(of: map)
        guard kind.source == .members else {
            return RewardSpec(kind, source: try source(of: map, kind), parameters: parameters)
        }
        return RewardSpec(kind, members: try members(of: map, kind), parameters: parameters)
    }

    private func kind(of map: JSONObject) throws(Diagnostic) -> RewardKind {
        guard let word = map["kind"]?.stringValue else {
            throw failure("the reward has no kind", at: "kind", remedy: RewardKind.listing)
        }
        guard let kind = RewardKind(rawValue: word) else {
            throw failure(
                "'\(word.prefix(40))' is not a kind of reward", at: "kind", remedy: RewardKind.suggestion(for: word))
        }
        return kind
    }

    private func source(of map: JSONObject, _ kind: RewardKind) throws(Diagnostic) -> String {
        if map["members"] != nil {
            throw failure(
                "\(kind.rawValue) takes a source, not members", at: "members",
                remedy: "Only mean, min and sham take members")
        }
        if kind.takesNoSource {
            guard map["source"] == nil else {
                throw failure("\(kind.rawValue) takes no source", at: "source", remedy: "Leave it out")
            }
            return ""
        }
        guard let source = map["source"]?.stringValue, !source.isEmpty else {
            throw failure(
                "\(kind.rawValue) names no source", at: "source",
                remedy: "Give 'source' as a string: \(kind.sourceForm)")
        }
        return try checked(source, at: "source")
    }

    private func members(of map: JSONObject, _ kind: RewardKind) throws(Diagnostic) -> [RewardSpec] {
        if map["source"] != nil {
            throw failure(
                "\(kind.rawValue) takes members, not a source", at: "source",
                remedy: "Give 'members' as a list of rewards")
        }
        guard let values = map["members"]?.arrayValue, !values.isEmpty else {
            throw failure(
                "\(kind.rawValue) has no members", at: "members", remedy: "Give 'members' as a list of rewards")
        }
        guard depth < RewardSpec.maximumDepth else {
            throw failure("lists are nested more than \(RewardSpec.maximumDepth) deep", remedy: "Nest fewer of them")
        }
        var members: [RewardSpec] = []
        for (index, value) in values.enumerated() {
            members.append(try member(value, at: field("members[\(index)]")))
        }
        return members
    }

    private func member(_ value: JSONValue, at path: String) throws(Diagnostic) -> RewardSpec {
        guard let text = value.stringValue else {
            return try RewardSpecMap(value: value, path: path, depth: depth + 1).spec()
        }
        do throws(Diagnostic) {
            return try RewardSpec(parsing: text)
        } catch {
            var nested = error
            nested.location.field = [path, error.location.field].compactMap(\.self).joined(separator: ": ")
            throw nested
        }
    }

    private func parameters(of map: JSONObject) throws(Diagnostic) -> [String: String] {
        var parameters: [String: String] = [:]
        for (key, value) in map where !RewardSpec.mapWords.contains(key) {
            guard RewardSpec.isKey(key) else {
                throw failure(
                    "'\(key.prefix(40))' cannot be a key", at: key, remedy: "Use letters, digits, '_' and '-'")
            }
            parameters[key] = try text(of: value, key: key)
        }
        return parameters
    }

    private func text(of value: JSONValue, key: String) throws(Diagnostic) -> String {
        switch value {
        case .string(let text) where !text.isEmpty: return try checked(text, at: key)
        case .integer, .number, .bool: return value.text
        case .string:
            throw failure("the key '\(key)' has no value", at: key, remedy: "Give it one, or leave the key out")
        default:
            throw failure(
                "the value of '\(key)' should be a string, number or boolean, but this is \(value.kindName)", at: key,
                remedy: "Give a single value")
        }
    }

    private func checked(_ text: String, at key: String) throws(Diagnostic) -> String {
        guard !text.utf8.contains(0) else {
            throw failure("a NUL character cannot stand here", at: key, remedy: "Remove it")
        }
        return text
    }

    private func field(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private func failure(_ message: String, at name: String? = nil, remedy: String) -> Diagnostic {
        let place = name.map(field) ?? path
        return Diagnostic(.usage, message, at: .init(field: place.isEmpty ? "reward" : place), remedy: remedy)
    }
}

import Diagnostics
import Experiment
import JSON

/// One summand of a run's reward as a study writes it: `{name: proxy, kind: planted, accuracy: 0.8, weight: 1, until: 150}`.
///
/// `name`, `weight`, `from`, `until`, `refresh-every`, `refreshed-at` and `frozen-from` are the term's, the rest is the spec in
/// map form. A term may also be a spec's text. What a bonus's text says of its weight becomes the term's.
public struct RewardTermSettings: Sendable, Hashable {
    /// The kind where it is not given; unique in a list.
    public var name: String
    public var weight: Double
    /// The first step in which the term counts.
    public var from: Int
    /// The first step in which it no longer does; `nil`: it stays.
    public var until: Int?
    /// Steps between trainings of the term's evaluator on what the policy says then; `nil`: it stays as it was made.
    public var refreshEvery: Int?
    /// Steps at which it is trained anew besides.
    public var refreshedAt: [Int] = []
    /// The first step from which it stays as it is; `nil`: never.
    public var frozenFrom: Int?
    public var spec: RewardSpec

    public init(name: String? = nil, weight: Double = 1, from: Int = 0, until: Int? = nil, spec: RewardSpec) {
        self.name = name ?? spec.kind.rawValue
        self.weight = weight
        self.from = from
        self.until = until
        self.spec = spec
    }

    /// Reads one term.
    ///
    /// - Parameters:
    ///   - path: where it stands, for errors: `run.reward[0]`.
    ///   - folder: what paths in the spec are relative to; empty for the working folder.
    /// - Throws: `usage` with the key's path.
    public init(_ value: JSONValue, path: String, relativeTo folder: String) throws(Diagnostic) {
        guard case .object(var members) = value else {
            self.init(spec: try Self.spec(value, path: path).resolvingPaths(relativeTo: folder))
            foldWeight()
            return
        }
        var own = JSONObject()
        for key in Self.ownKeys { own[key] = members.removeValue(forKey: key) }
        let spec = try Self.spec(.object(members), path: path)
        var reader = try SettingsReader(.object(own), path: path)
        self.init(
            name: try reader.string("name"), weight: try reader.number("weight", default: 1, in: .finite),
            from: try reader.integer("from", default: 0, in: 0...Int.max),
            until: try reader.integer("until", in: 0...Int.max), spec: spec.resolvingPaths(relativeTo: folder))
        refreshEvery = try reader.integer("refresh-every", in: 1...Int.max)
        refreshedAt = try Self.steps("refreshed-at", &reader)
        frozenFrom = try reader.integer("frozen-from", in: 0...Int.max)
        try checkRefresh(path: path)
    }

    /// - Throws: `usage` where the term has no evaluator that can be trained again.
    public func checkRefresh(path: String) throws(Diagnostic) {
        guard isLeftAlone || spec.isTrained else {
            throw Diagnostic(
                .usage, "\(spec.kind.rawValue) is not trained in the run, so it cannot be refreshed or frozen",
                at: .init(field: path), remedy: "Refresh or freeze a term of kind learned")
        }
    }

    private var isLeftAlone: Bool { refreshEvery == nil && refreshedAt.isEmpty && frozenFrom == nil }

    /// Whether its evaluator is trained anew before a step.
    public func refreshes(at step: Int) -> Bool {
        guard step > from, step < until ?? .max, step < frozenFrom ?? .max else { return false }
        return refreshedAt.contains(step) || refreshEvery.map { (step - from) % $0 == 0 } == true
    }

    /// The last step, up to one, at which it begins, ends or is trained anew; 0 where it does not.
    func lastChange(upTo step: Int) -> Int {
        let ends = [from, until ?? 0].filter { $0 <= step }
        let trained = isRefreshed ? (0..<max(step + 1, 0)).last(where: refreshes) : nil
        return max(ends.max() ?? 0, trained ?? 0)
    }

    /// Whether it is ever trained anew.
    public var isRefreshed: Bool { refreshEvery != nil || !refreshedAt.isEmpty }

    /// Keys that say when and how much a term counts; the rest of its map is its spec.
    public static let ownKeys = ["name", "weight", "from", "until", "refresh-every", "refreshed-at", "frozen-from"]

    private static func steps(_ key: String, _ reader: inout SettingsReader) throws(Diagnostic) -> [Int] {
        let values = try reader.list(key)
        let steps = values.compactMap(\.intValue)
        guard steps.count == values.count, steps.allSatisfy({ $0 >= 0 }) else {
            throw reader.wrong(key, .array(values), "should be a list of steps")
        }
        return steps
    }

    private static func spec(_ value: JSONValue, path: String) throws(Diagnostic) -> RewardSpec {
        do throws(Diagnostic) {
            if let text = value.stringValue { return try RewardSpec(parsing: text) }
            return try RewardSpec(map: value)
        } catch {
            var located = error
            let separator = value.stringValue == nil ? "." : ": "
            located.location.field = error.location.field.map { path.isEmpty ? $0 : path + separator + $0 } ?? path
            throw located
        }
    }

    private mutating func foldWeight() {
        guard spec.kind == .bonus, let text = spec["weight"], let own = Double(text), own.isFinite else { return }
        weight *= own
        let rest = spec.parameters.filter { $0.key != "weight" }.map { ($0.key, $0.value) }
        spec = RewardSpec(spec.kind, source: spec.source, parameters: Dictionary(uniqueKeysWithValues: rest))
    }

    /// Reads a list of terms, or one term.
    ///
    /// - Throws: `usage` with the key's path; also where the list is empty or two terms have the same name.
    public static func list(
        _ value: JSONValue, path: String, relativeTo folder: String
    ) throws(Diagnostic) -> [RewardTermSettings] {
        guard case .array(let values) = value else { return [try Self(value, path: path, relativeTo: folder)] }
        var terms: [RewardTermSettings] = []
        for (index, value) in values.enumerated() {
            let term = try Self(value, path: "\(path)[\(index)]", relativeTo: folder)
            guard !terms.contains(where: { $0.name == term.name }) else {
                throw Diagnostic(
                    .usage, "two terms of the reward are called '\(term.name)'",
                    at: .init(field: "\(path)[\(index)].name"), remedy: "Give each a name of its own")
            }
            terms.append(term)
        }
        guard !terms.isEmpty else {
            throw Diagnostic(
                .usage, "the reward has no terms", at: .init(field: path), remedy: "Write, for example, reward: gold")
        }
        return terms
    }

    /// The term in full, in a fixed order; what it reads back as is equal.
    public var json: JSONValue {
        var members: JSONObject = ["name": .string(name), "weight": .number(weight), "from": .integer(from)]
        if let until { members["until"] = .integer(until) }
        if let refreshEvery { members["refresh-every"] = .integer(refreshEvery) }
        if !refreshedAt.isEmpty { members["refreshed-at"] = .array(refreshedAt.map(JSONValue.integer)) }
        if let frozenFrom { members["frozen-from"] = .integer(frozenFrom) }
        for (key, value) in spec.map.objectValue ?? [:] { members[key] = value }
        return .object(members)
    }
}

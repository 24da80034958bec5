import Diagnostics
import Experiment
import JSON
import Worlds

/// Reads roles and steps, of which later ones may name earlier ones.
struct WorkflowReader {
    private(set) var roles: [WorkflowRole] = []
    private let values: JSONObject
    private var steps: [ReadStep] = []
    private var systems: [(prompt: PromptTemplate, path: String)] = []

    private struct ReadStep {
        var step: WorkflowStep
        /// Where its prompt stands.
        var path: String
        /// The part of the workflow that it belongs to.
        var part: Int
        var isLooped: Bool
    }

    init(_ values: JSONObject, _ reader: SettingsReader, model: String?) throws(Diagnostic) {
        self.values = values
        for place in WorkflowPlace.allCases where values[place.rawValue] != nil {
            throw Self.wrong(
                "values.\(place.rawValue)", "'\(place.rawValue)' has a meaning of its own", "Take another name")
        }
        for name in reader.keys { try readRole(name, reader, model) }
        guard !roles.isEmpty else {
            throw Self.wrong(
                "roles", "the workflow has no roles", "Write roles: {writer: {system: You are the writer.}}")
        }
    }

    private mutating func readRole(_ name: String, _ reader: SettingsReader, _ model: String?) throws(Diagnostic) {
        var all = reader
        var reader = try all.map(name)
        let system = try reader.string("system")
        let path = reader.path(of: "system")
        let template = try system.map { (text) throws(Diagnostic) in try Self.template(text, path) }
        if let template { systems.append((template, path)) }
        roles.append(
            WorkflowRole(
                name: name, model: try reader.string("model") ?? model, system: template,
                parameters: try reader.value("parameters").map { (value) throws(Diagnostic) in
                    try Self.parameters(value, reader.path(of: "parameters"))
                } ?? [:],
                remembers: try reader.flag("remembers", default: false)))
        try reader.finish()
    }

    /// What the workflow itself puts into requests.
    private static let own = ["model", "messages", "stream", "n"]

    private static func parameters(_ value: JSONValue, _ path: String) throws(Diagnostic) -> JSONObject {
        let members = try SettingsReader(value, path: path)
        if let taken = members.keys.first(where: own.contains) {
            throw wrong(
                "\(path).\(taken)", "'\(taken)' is the workflow's own",
                "Leave it out; the model is the role's key model")
        }
        return value.objectValue ?? [:]
    }

    static func template(_ text: String, _ path: String) throws(Diagnostic) -> PromptTemplate {
        do throws(Diagnostic) { return try PromptTemplate(text) } catch {
            throw Diagnostic(error.category, error.message, at: .init(field: path), remedy: error.remedy)
        }
    }

    static func wrong(_ path: String, _ message: String, _ remedy: String) -> Diagnostic {
        Diagnostic(.usage, message, at: .init(field: path), remedy: remedy)
    }
}

extension WorkflowReader {
    mutating func parts(_ elements: [JSONValue], path: String) throws(Diagnostic) -> [WorkflowPart] {
        guard !elements.isEmpty else {
            throw Self.wrong(path, "the workflow has no steps", "Write steps: [{name: draft, role: writer, prompt: …}]")
        }
        var parts: [WorkflowPart] = []
        for (index, element) in elements.enumerated() {
            let place = "\(path).\(index)"
            let isLooped = element["loop"] != nil
            let first = steps.count
            parts.append(isLooped ? .loop(try loop(element, place)) : .block(try block(element, place)))
            for number in steps.indices.dropFirst(first) {
                (steps[number].part, steps[number].isLooped) = (index, isLooped)
            }
        }
        return parts
    }

    private mutating func loop(_ value: JSONValue, _ path: String) throws(Diagnostic) -> WorkflowLoop {
        var reader = try SettingsReader(value, path: path)
        let elements = try reader.list("loop")
        guard !elements.isEmpty else { throw reader.wrong("loop", .array([]), "should be a list of steps") }
        guard let rounds = try reader.integer("rounds", in: 1...1000) else {
            throw Self.wrong(
                reader.path(of: "rounds"), "the loop does not say how often it is played", "Write rounds: 3")
        }
        var blocks: [[WorkflowStep]] = []
        for (index, element) in elements.enumerated() {
            let place = "\(reader.path(of: "loop")).\(index)"
            guard element["loop"] == nil else {
                throw Self.wrong(place, "a loop stands within a loop", "Write its steps one after the other")
            }
            blocks.append(try block(element, place))
        }
        let until = reader.value("until") == nil ? nil : try condition(try reader.map("until"))
        try reader.finish()
        return WorkflowLoop(blocks: blocks, rounds: rounds, until: until)
    }

    private mutating func block(_ value: JSONValue, _ path: String) throws(Diagnostic) -> [WorkflowStep] {
        guard value["block"] != nil else { return [try step(value, path)] }
        var reader = try SettingsReader(value, path: path)
        let elements = try reader.list("block")
        guard !elements.isEmpty else { throw reader.wrong("block", .array([]), "should be a list of steps") }
        try reader.finish()
        var block: [WorkflowStep] = []
        for (index, element) in elements.enumerated() {
            block.append(try step(element, "\(reader.path(of: "block")).\(index)"))
        }
        return block
    }

    private mutating func step(_ value: JSONValue, _ path: String) throws(Diagnostic) -> WorkflowStep {
        var reader = try SettingsReader(value, path: path)
        let name = try text("name", &reader)
        let isTaken =
            values[name] != nil || steps.contains { $0.step.name == name } || WorkflowPlace(rawValue: name) != nil
        guard !isTaken else {
            throw Self.wrong(reader.path(of: "name"), "the name '\(name)' is taken", "Give each step a name of its own")
        }
        let roleName = try reader.string("role", default: name)
        guard let role = roles.firstIndex(where: { $0.name == roleName }) else {
            throw Self.wrong(
                reader.path(of: "role"), "there is no role '\(roleName)'",
                "The roles are \(roles.map(\.name).joined(separator: ", "))")
        }
        let path = reader.path(of: "prompt")
        let step = WorkflowStep(name: name, role: role, prompt: try Self.template(try text("prompt", &reader), path))
        try reader.finish()
        steps.append(ReadStep(step: step, path: path, part: 0, isLooped: false))
        return step
    }

    private func text(_ key: String, _ reader: inout SettingsReader) throws(Diagnostic) -> String {
        if let text = try reader.string(key) { return text }
        throw Self.wrong(reader.path(of: key), "the step has no \(key)", "Write \(key): …")
    }

    private func condition(_ reader: SettingsReader) throws(Diagnostic) -> WorkflowCondition {
        var reader = reader
        let step = try named("step", &reader)
        guard let pattern = try reader.string("matches") else {
            throw Self.wrong(reader.path(of: "matches"), "the condition has no pattern", "Write matches: ^ACCEPT")
        }
        try reader.finish()
        do throws(Diagnostic) {
            return WorkflowCondition(step: step, pattern: try RegexGold(.pattern(pattern)))
        } catch {
            throw Self.wrong(reader.path(of: "matches"), error.message, error.remedy)
        }
    }

    /// The name of a step that is there.
    private func named(_ key: String, _ reader: inout SettingsReader) throws(Diagnostic) -> String {
        let names = steps.map(\.step.name)
        guard let name = try reader.string(key) else {
            throw Self.wrong(reader.path(of: key), "no step is named here", "Write \(key): \(names.last ?? "…")")
        }
        guard names.contains(name) else {
            throw Self.wrong(
                reader.path(of: key), "there is no step '\(name)' before this",
                "The steps are \(names.joined(separator: ", "))")
        }
        return name
    }

    func outcome(_ reader: SettingsReader, relativeTo folder: String) throws(Diagnostic) -> WorkflowOutcome {
        var reader = reader
        let step = try named("of", &reader)
        let rule = try reader.string("rule", default: "number")
        let outcome: WorkflowOutcome
        if rule == "number" {
            let scale = try reader.number("out-of", default: 1, in: Double.leastNormalMagnitude...1e300)
            outcome = WorkflowOutcome(step: step, rule: .number(outOf: scale))
        } else {
            guard let name = GoldRuleName(rawValue: rule) else {
                throw reader.wrong(
                    "rule", .string(rule), "should be a rule",
                    remedy: "The rules are number, \(GoldRuleName.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            outcome = WorkflowOutcome(step: step, rule: .gold(try name.rule(&reader, relativeTo: folder)))
        }
        try reader.finish()
        return outcome
    }

    /// A place may name a value, a step of an earlier part, in a loop any step of the loop, or what has a meaning of its own. A
    /// role may ask in several steps, so its system text may name any.
    func checkPlaces() throws(Diagnostic) {
        let common = values.keys + WorkflowPlace.allCases.map(\.rawValue)
        for (prompt, path) in systems { try check(prompt, path, common + steps.map(\.step.name)) }
        for own in steps {
            let said = steps.filter { $0.part < own.part || (own.isLooped && $0.part == own.part) }.map(\.step.name)
            try check(own.step.prompt, own.path, common + said)
        }
    }

    private func check(_ prompt: PromptTemplate, _ path: String, _ names: [String]) throws(Diagnostic) {
        guard let unknown = prompt.names.first(where: { !names.contains($0) }) else { return }
        let isLater = steps.contains { $0.step.name == unknown }
        throw Self.wrong(
            path, isLater ? "'\(unknown)' has said nothing before this" : "nothing is called '\(unknown)'",
            "Places here may be \(names.joined(separator: ", ")); write {{ and }} for braces")
    }
}

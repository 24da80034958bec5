import Diagnostics
import Experiment
import JSON
import Worlds

/// What answers a workflow's requests.
public protocol WorkflowModel: Sendable {
    /// The texts that answer each, in order; the requests are in flight together.
    func answers(to requests: [WorkflowRequest]) async throws(Diagnostic) -> [String]
}

/// One request of a workflow.
public struct WorkflowRequest: Sendable, Hashable {
    public let role: String
    /// Of `POST /chat/completions`.
    public let body: JSONValue
}

/// One time that a workflow is played.
public struct WorkflowPlay: Sendable {
    /// What was said, in order.
    public struct Turn: Sendable, Hashable {
        public let step: String
        public let role: String
        public let text: String
    }

    private let workflow: Workflow
    private let values: JSONObject
    private let model: any WorkflowModel
    public private(set) var turns: [Turn] = []
    private var replies: [String: String] = [:]
    private var memories: [[JSONValue]]
    private var round = 1

    /// - Parameter values: what stands in place of the workflow's own.
    /// - Throws: `usage` where the workflow has no such value; `badData` where the outcome's rule needs one that is not there.
    public init(_ workflow: Workflow, values: [String: String] = [:], model: any WorkflowModel) throws(Diagnostic) {
        self.workflow = workflow
        self.model = model
        memories = workflow.roles.map { _ in [] }
        var all = workflow.values
        for (name, text) in values {
            guard all[name] != nil else {
                throw Diagnostic(
                    .usage, "the workflow \(workflow.name) has no value '\(name)'", at: .init(field: "--set"),
                    remedy: all.isEmpty
                        ? "Name it under values" : "Its values are \(all.keys.joined(separator: ", "))")
            }
            all[name] = .string(text)
        }
        self.values = all
        if case .gold(let rule) = workflow.outcome.rule { try rule.check(row) }
    }

    /// Plays it to its end.
    ///
    /// - Returns: the outcome.
    /// - Throws: what the model throws; `badData` where the outcome cannot be read.
    public mutating func run() async throws(Diagnostic) -> Double {
        for part in workflow.parts {
            switch part {
            case .block(let steps): try await ask(steps)
            case .loop(let loop): try await play(loop)
            }
        }
        return try await outcome()
    }

    private mutating func play(_ loop: WorkflowLoop) async throws(Diagnostic) {
        defer { round = 1 }
        for number in 1...loop.rounds {
            round = number
            for steps in loop.blocks { try await ask(steps) }
            guard let until = loop.until else { continue }
            if try await worth(replies[until.step] ?? "", until.pattern) == 1 { return }
        }
    }

    private mutating func ask(_ steps: [WorkflowStep]) async throws(Diagnostic) {
        let prompts = steps.map { $0.prompt.text(text(at:)) }
        let requests = zip(steps, prompts).map { request($0.role, $1) }
        let answers = try await model.answers(to: requests)
        for (step, (prompt, answer)) in zip(steps, zip(prompts, answers)) {
            let role = workflow.roles[step.role]
            turns.append(Turn(step: step.name, role: role.name, text: answer))
            replies[step.name] = answer
            if role.remembers {
                memories[step.role] += [Self.message("user", prompt), Self.message("assistant", answer)]
            }
        }
    }

    private func request(_ index: Int, _ prompt: String) -> WorkflowRequest {
        let role = workflow.roles[index]
        var messages = role.system.map { [Self.message("system", $0.text(text(at:)))] } ?? []
        messages += memories[index] + [Self.message("user", prompt)]
        var body: JSONObject = ["model": .string(role.model ?? "default"), "messages": .array(messages)]
        for (name, value) in role.parameters { body[name] = value }
        return WorkflowRequest(role: role.name, body: .object(body))
    }

    private static func message(_ role: String, _ text: String) -> JSONValue {
        ["role": .string(role), "content": .string(text)]
    }

    /// What a place holds; a step that was not asked yet has said nothing.
    private func text(at name: String) -> String {
        switch WorkflowPlace(rawValue: name) {
        case .round: return String(round)
        case .transcript: return turns.map { "\($0.role): \($0.text)" }.joined(separator: "\n\n")
        case nil: break
        }
        if let value = values[name] { return value.stringValue ?? value.text }
        return replies[name] ?? ""
    }

    private func outcome() async throws(Diagnostic) -> Double {
        let reply = replies[workflow.outcome.step] ?? ""
        switch workflow.outcome.rule {
        case .gold(let rule): return try await worth(reply, rule)
        case .number(let scale):
            guard let number = Self.number(in: reply, outOf: scale) else {
                throw Diagnostic(
                    .badData, "the reply of \(workflow.outcome.step) states no number: '\(reply.suffix(120))'",
                    at: .init(field: "outcome"), remedy: "Ask for a number, or count such runs with --failed-outcome")
            }
            return number / scale
        }
    }

    /// `8/10` and `8 out of 10` state 8 where numbers are out of 10; else the answer that the reply states.
    private static func number(in reply: String, outOf scale: Double) -> Double? {
        if scale != 1 {
            let share = /(\d+(?:\.\d+)?)\s*(?:\/|out of)\s*(\d+(?:\.\d+)?)/
            let stated = reply.matches(of: share).last { Double($0.2) == scale }
            if let stated { return Double(stated.1) }
        }
        return DecimalNumber.answer(in: reply).flatMap { Double($0.text) }
    }

    private func worth(_ reply: String, _ rule: any GoldRule) async throws(Diagnostic) -> Double {
        try await rule.gold([Response(tokens: [], text: reply)], to: row)[0]
    }

    /// The values as a rule of gold sees them.
    private var row: WorldPrompt {
        let context = Dictionary(values.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        return WorldPrompt(id: workflow.name, tokens: [], text: "", context: context)
    }
}

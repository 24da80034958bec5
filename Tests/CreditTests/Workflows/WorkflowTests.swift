import Diagnostics
import Foundation
import JSON
import Statistics
import Synchronization
import Testing
import Worlds

@testable import Credit

/// Workflows, played without a server.
@Suite struct WorkflowTests {
    /// What each request says, and answers from a list.
    private final class Script: WorkflowModel {
        private let state: Mutex<(replies: [String], asked: [[WorkflowRequest]])>

        init(_ replies: [String]) { state = Mutex((replies.reversed(), [])) }

        /// By block.
        var asked: [[WorkflowRequest]] { state.withLock { $0.asked } }

        func answers(to requests: [WorkflowRequest]) async throws(Diagnostic) -> [String] {
            state.withLock { state in
                state.asked.append(requests)
                return requests.map { _ in state.replies.popLast() ?? "" }
            }
        }
    }

    /// Replies drawn from a planted system.
    private struct Drawn: WorkflowModel {
        let system: PlantedSystem
        let seed: UInt64

        func answers(to requests: [WorkflowRequest]) async throws(Diagnostic) -> [String] {
            var texts: [String] = []
            for request in requests {
                let messages = (request.body["messages"]?.arrayValue ?? []).map {
                    PlantedMessage(role: $0["role"]?.stringValue ?? "", text: $0["content"]?.stringValue ?? "")
                }
                let asked = try system.request(in: messages)
                #expect(system.steps[asked.step].role == request.role)
                var stream = RandomStream(seed: seed, purpose: "workflow", item: UInt64(asked.step))
                let reply = system.reply(of: asked.step, in: asked.history, &stream)
                texts.append(system.steps[asked.step].texts[reply])
            }
            return texts
        }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func shipped(_ name: String) -> String { root.appending(path: "Examples/workflows/\(name)").path }

    @Test("What is shipped is worth what enumeration says", arguments: ["check", "refine"])
    func shipped(name: String) async throws {
        let workflow = try Workflow(readingFile: Self.shipped("\(name).yaml"))
        let system = try PlantedSystem(readingFile: Self.shipped("planted-\(name).yaml"))
        var outcomes: [Double] = []
        for seed in 0..<2000 {
            var play = try WorkflowPlay(workflow, model: Drawn(system: system, seed: UInt64(seed)))
            outcomes.append(try await play.run())
        }
        let truth = system.value(after: PlantedHistory(of: system))
        let mean = outcomes.reduce(0, +) / Double(outcomes.count)
        let error = (truth * (1 - truth) / Double(outcomes.count)).squareRoot()
        #expect(abs(mean - truth) < 4 * error, "\(mean) is not \(truth)")
        #expect(Set(outcomes) == [0, 1])
    }

    private static let loop = """
        workflow: loop
        model: small
        values: {task: Sum, answer: 7}
        roles:
          writer: {system: "You solve {task}.", remembers: true, parameters: {temperature: 0.5}}
          critic: {model: large}
        steps:
          - loop:
              - {name: draft, role: writer, prompt: "Round {round}: {task}. They said: {check}"}
              - block:
                  - {name: check, role: critic, prompt: "Right? {{{draft}}}"}
                  - {name: style, role: critic, prompt: "{transcript}"}
            rounds: 3
            until: {step: check, matches: "^fine"}
        outcome: {of: draft, rule: numeric-answer}
        """

    @Test("Prompts have values, replies, rounds and the transcript; roles remember; a loop ends when it should")
    func prompts() async throws {
        let script = Script(["6", "no", "ugly", "so 7", "fine", "nice"])
        var play = try WorkflowPlay(
            try Workflow(parsing: Array(Self.loop.utf8)), values: ["task": "Add"], model: script)
        #expect(try await play.run() == 1)
        #expect(play.turns.map(\.step) == ["draft", "check", "style", "draft", "check", "style"])
        #expect(script.asked.map(\.count) == [1, 2, 1, 2])
        let second = script.asked[2][0]
        #expect(second.role == "writer")
        let expected: JSONValue = [
            "model": "small",
            "messages": [
                ["role": "system", "content": "You solve Add."],
                ["role": "user", "content": "Round 1: Add. They said: "],
                ["role": "assistant", "content": "6"],
                ["role": "user", "content": "Round 2: Add. They said: no"],
            ],
            "temperature": 0.5,
        ]
        #expect(second.body == expected)
        let checks = script.asked[3].map { $0.body["messages"]?.arrayValue?.first?["content"]?.stringValue }
        #expect(checks == ["Right? {so 7}", "writer: 6\n\ncritic: no\n\ncritic: ugly\n\nwriter: so 7"])
        #expect(script.asked[3][0].body["model"] == "large")
    }

    @Test("A loop that nothing ends is played as often as it says")
    func rounds() async throws {
        let script = Script(["1", "no", "x", "2", "no", "x", "3", "no", "x"])
        var play = try WorkflowPlay(try Workflow(parsing: Array(Self.loop.utf8)), model: script)
        #expect(try await play.run() == 0)
        #expect(play.turns.count == 9)
    }

    private static func single(_ outcome: String, values: String = "{}") -> [UInt8] {
        Array("values: \(values)\nroles: {a: {}}\nsteps: [{name: s, role: a, prompt: x}]\noutcome: \(outcome)\n".utf8)
    }

    @Test(
        "The outcome is read by its rule",
        arguments: [
            ("{of: s, rule: number, out-of: 10}", "I say 7.5", 0.75), ("{of: s}", "5 apples #### 0", 0),
            ("{of: s, out-of: 10}", "8/10, not 3 of 5", 0.8), ("{of: s, out-of: 10}", "8 out of 10.", 0.8),
            ("{of: s, out-of: 10}", "1/2 of it: 6", 0.6),
            ("{of: s, rule: exact}", "Paris", 1), ("{of: s, rule: regex, pattern: ^P}", "Rome", 0),
            ("{of: s, rule: true-equations}", "<<1+1=2>> <<1+1=3>>", 0.5),
        ])
    func outcomes(rule: String, reply: String, expected: Double) async throws {
        let workflow = try Workflow(parsing: Self.single(rule, values: "{answer: Paris}"))
        var play = try WorkflowPlay(workflow, model: Script([reply]))
        #expect(try await play.run() == expected)
    }

    @Test("A reply without a number is no outcome")
    func noNumber() async throws {
        var play = try WorkflowPlay(try Workflow(parsing: Self.single("{of: s}")), model: Script(["none"]))
        let error = await #expect(throws: Diagnostic.self) { try await play.run() }
        #expect(error?.category == .badData && error?.message.contains("'none'") == true)
    }

    @Test("Values that cannot be are told before anything is asked")
    func wrongValues() throws {
        let workflow = try Workflow(parsing: Self.single("{of: s, rule: exact}"))
        let script = Script([])
        #expect(throws: Diagnostic.self) { try WorkflowPlay(workflow, model: script) }
        let loop = try Workflow(parsing: Array(Self.loop.utf8))
        let error = #expect(throws: Diagnostic.self) { try WorkflowPlay(loop, values: ["tusk": ""], model: script) }
        #expect(error?.remedy == "Its values are task, answer")
    }

    @Test(
        "A prompt may name what was said before it, in a loop what is said in it, and nothing else",
        arguments: [
            ("steps: [{name: a, role: r, prompt: '{b}'}, {name: b, role: r, prompt: x}]", false),
            ("steps: [{name: a, role: r, prompt: '{a}'}]", false),
            ("steps: [{block: [{name: a, role: r, prompt: x}, {name: b, role: r, prompt: '{a}'}]}]", false),
            ("steps: [{name: a, role: r, prompt: x}, {name: b, role: r, prompt: '{a}'}]", true),
            (
                "steps: [{loop: [{name: a, role: r, prompt: '{b}'}, {name: b, role: r, prompt: '{a}'}], rounds: 2}]",
                true
            ),
        ])
    func places(steps: String, isRight: Bool) {
        let text = "roles: {r: {}}\noutcome: {of: a}\n\(steps)\n"
        #expect(((try? Workflow(parsing: Array(text.utf8))) != nil) == isRight)
    }

    @Test("The page's example is a workflow")
    func page() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/workflows.md"), encoding: .utf8)
        let example = try #require(page.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let workflow = try Workflow(parsing: Array(example.utf8), file: "docs/workflows.md")
        #expect(workflow.steps.map(\.name) == ["guess", "check", "style", "draft", "objection"])
    }

    @Test(
        "A wrong file is an error with line and field",
        arguments: [
            ("model: small", "modle: small", 2, "modle"), ("rounds: 3", "rounds: 0", 13, "steps.0.rounds"),
            ("    rounds: 3\n", "", 8, "steps.0.rounds"), ("^fine", "(", 14, "steps.0.until.matches"),
            ("step: check, ", "", 14, "steps.0.until.step"), ("step: check", "step: chick", 14, "steps.0.until.step"),
            ("{check}", "{chick}", 9, "steps.0.loop.0.prompt"),
            ("You solve {task}.", "You solve {tusk}.", 5, "roles.writer.system"),
            ("role: writer", "role: wrote", 9, "steps.0.loop.0.role"),
            ("name: style", "name: task", 12, "steps.0.loop.1.block.1.name"),
            ("name: style", "name: round", 12, "steps.0.loop.1.block.1.name"),
            ("temperature: 0.5", "model: x", 5, "roles.writer.parameters.model"),
            ("of: draft", "of: draught", 15, "outcome.of"), ("numeric-answer", "numeric", 15, "outcome.rule"),
            ("{task: Sum", "{round: Sum", 3, "values.round"),
            ("{{{draft}}}", "{draft", 11, "steps.0.loop.1.block.0.prompt"),
        ])
    func wrongFiles(old: String, new: String, line: Int, field: String) throws {
        #expect(Self.loop.contains(old))
        let text = Self.loop.replacing(old, with: new, maxReplacements: 1)
        let error = #expect(throws: Diagnostic.self) { try Workflow(parsing: Array(text.utf8), file: "w.yaml") }
        #expect(error?.location.file == "w.yaml" && error?.location.field == field, "\(error?.description ?? "")")
        #expect(error?.location.line == line, "\(error?.description ?? "")")
    }
}

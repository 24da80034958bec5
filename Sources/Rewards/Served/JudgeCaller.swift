import Diagnostics
import HTTPProxy
import JSON
import Synchronization

/// Puts questions to a judge.
final class JudgeCaller: Sendable {
    private let endpoint: ServedEndpoint
    private let model: String
    private let system: String?
    private let samples: Int
    private let temperature: Double
    private let seed: Int
    private let maximumTokens: Int?
    /// What was answered to what in this process: where a batch fails for one row's sake, the others are not asked again.
    private let known = Mutex<[String: String]>([:])
    private static let mostKnown = 10_000

    init(_ source: String, _ parameters: inout ParameterReader) throws(Diagnostic) {
        model = try parameters.requiredText("model", form: "NAME")
        system = try Instruction.read(parameters.text("system"))
        samples = try parameters.integer("samples", default: 1, in: 1...100)
        temperature = try parameters.double("temperature", default: 0, in: .closed(0...2))
        seed = try parameters.integer("seed", default: 0)
        let limit = try parameters.integer("max-tokens", default: 0, in: 1...1_000_000)
        maximumTokens = limit > 0 ? limit : nil
        endpoint = try ServedEndpoint(reward: source, &parameters)
        guard samples == 1 || temperature > 0 else {
            throw parameters.failure(
                "at temperature 0 all samples are one", at: "samples",
                remedy: "Give a temperature, or leave samples out")
        }
    }

    var provenance: JSONObject {
        [
            "address": .string(endpoint.address), "model": .string(model), "samples": .integer(samples),
            "temperature": .number(temperature), "seed": .integer(seed),
            "system": system.map { .string($0) } ?? .null,
            "max_tokens": maximumTokens.map { .integer($0) } ?? .null,
        ]
    }

    /// The answers to each question, as many as there are samples.
    func ask(_ questions: [String]) async throws(Diagnostic) -> [[String]] {
        let samples = samples
        let bodies = questions.flatMap { question in (0..<samples).map { body(question, sample: $0) } }
        let answers = try await endpoint.together(bodies) { (body) async throws(Diagnostic) in
            try await self.answer(body)
        }
        return questions.indices.map { Array(answers[$0 * samples..<($0 + 1) * samples]) }
    }

    /// Samples differ in their seeds alone.
    private func body(_ question: String, sample: Int) -> JSONValue {
        var messages: [JSONValue] = [["role": "user", "content": .string(question)]]
        if let system { messages.insert(["role": "system", "content": .string(system)], at: 0) }
        var body: JSONObject = [
            "model": .string(model), "messages": .array(messages), "temperature": .number(temperature),
            "seed": .integer(seed &+ sample),
        ]
        if let maximumTokens { body["max_tokens"] = .integer(maximumTokens) }
        return .object(body)
    }

    private func answer(_ body: JSONValue) async throws(Diagnostic) -> String {
        let key = body.text
        if let answer = known.withLock({ $0[key] }) { return answer }
        let value = try await endpoint.post("/chat/completions", body)
        // A judge that says nothing has given an answer without a verdict.
        guard let message = value["choices"]?.arrayValue?.first?["message"] else {
            throw Diagnostic(
                .unavailable, "the judge's answer holds no choices", at: .init(file: endpoint.address),
                remedy: "Check that the address is that of an OpenAI-compatible server")
        }
        let answer = message["content"]?.stringValue ?? ""
        known.withLock { known in
            if known.count >= Self.mostKnown { known = [:] }
            known[key] = answer
        }
        return answer
    }
}

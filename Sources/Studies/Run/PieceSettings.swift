import Diagnostics
import Experiment
import JSON
import Regimes
import Statistics
import Worlds

/// One of a run's pieces: `{kind: verifier, size: 4, training: real}`, `{kind: hint, start: 1, end: 0, until: 160}`.
public struct PieceSettings: Sendable {
    public enum Kind: String, CaseIterable, Sendable { case verifier, hint }

    public var kind: Kind
    public var size: Int
    public var start: Double
    public var end: Double
    /// The rows' field that holds the hint, in a world of prompts; `nil`: the answer that gold calls right.
    public var field: String?
    public var training: RunPiecePresence
    /// The step from which training goes on without it.
    public var until: Int?

    init(_ value: JSONValue, path: String) throws(Diagnostic) {
        var reader = try SettingsReader(value, path: path)
        kind = try reader.choice("kind", default: .verifier)
        training = try reader.choice("training", default: .real)
        until = try reader.integer("until", in: 0...10_000_000)
        (size, start, end) = (4, 1, 1)
        switch kind {
        case .verifier: size = try reader.integer("size", default: 4, in: 2...1024)
        case .hint:
            start = try reader.number("start", default: 1, in: .probability)
            end = try reader.number("end", default: 1, in: .probability)
            field = try reader.string("field")
        }
        try reader.finish()
    }

    /// The piece in a world.
    ///
    /// - Throws: `usage` where the world has no such hints; `badData` where a prompt has none, or where all prompts have the same and a
    ///   sham would therefore tell what the hint tells.
    func make(in world: any World, seed: Int) throws(Diagnostic) -> RunPiece {
        switch kind {
        case .verifier: return RunPiece(.verifier(size: size), training: training, until: until)
        case .hint:
            let hints = try HintWriter(world: world, field: field)
            let own = try hints.prompts(world.prompts)
            let sham = try hints.prompts(world.prompts, hintsOf: others(world, seed: seed))
            guard training != .sham || own != sham else {
                throw Diagnostic(
                    .badData, "all prompts have the same hint, so that another prompt's tells as much",
                    at: .init(field: "run.pieces"), remedy: "Use training: absent in place of sham")
            }
            let heldOut = try hints.prompts(world.heldOutPrompts)
            return RunPiece(
                .hint(.init(prompts: own, sham: sham, heldOut: heldOut, schedule: .init(start: start, end: end))),
                training: training, until: until)
        }
    }

    /// For each prompt another one, each once.
    private func others(_ world: any World, seed: Int) -> [WorldPrompt] {
        var stream = RandomStream(seed: UInt64(seed), purpose: "sham hints")
        let order = stream.permutation(world.prompts.count)
        var others = world.prompts
        for (place, index) in order.enumerated() { others[index] = world.prompts[order[(place + 1) % order.count]] }
        return others
    }
}

/// Writes hints into prompts.
private struct HintWriter {
    let world: any World
    let field: String?

    init(world: any World, field: String?) throws(Diagnostic) {
        guard field == nil || world is PromptWorld else {
            throw Diagnostic(
                .usage, "only the rows of a world of prompts have fields, and this one is \(world.kind)",
                at: .init(field: "run.pieces"), remedy: "Leave field out: the hint is the answer that gold calls right")
        }
        (self.world, self.field) = (world, field)
    }

    /// The prompts with hints: their own, or those of other prompts in their places.
    func prompts(_ prompts: [WorldPrompt], hintsOf others: [WorldPrompt]? = nil) throws(Diagnostic) -> [[Int32]] {
        var hinted: [[Int32]] = []
        for (prompt, source) in zip(prompts, others ?? prompts) { hinted.append(try tokens(prompt, hintOf: source)) }
        return hinted
    }

    private func tokens(_ prompt: WorldPrompt, hintOf source: WorldPrompt) throws(Diagnostic) -> [Int32] {
        if let prompts = world as? PromptWorld {
            return try prompts.tokens(of: prompt, hint: try prompts.hint(of: source, field: field))
        }
        guard let answering = world as? any AnsweringWorld else {
            throw Diagnostic(
                .usage, "the world \(world.kind) has no answers to hint at", at: .init(field: "run.pieces"),
                remedy: "Use lookup, match, reduce or prompts")
        }
        return try answering.goldAnswer(to: source) + prompt.tokens
    }
}

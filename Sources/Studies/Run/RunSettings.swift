import Diagnostics
import Experiment
import JSON
import LanguageModel
import Regimes
import Rewards
import Torch
import Worlds

/// All that decides a run, as docs/design/runs.md writes it.
public struct RunSettings: Sendable {
    public var world: JSONValue
    public var policy: PolicySettings
    public var terms: [RewardTermSettings]
    /// The regime from a step on, in order.
    public var regimes: [(from: Int, settings: RegimeSettings)]
    public var meters: MeterSettings
    public var pieces: [PieceSettings]
    /// Which part of the world's prompts, as shares of them, is trained on from a step on.
    public var promptSwaps: [(from: Int, share: ClosedRange<Double>)] = []
    /// 0 where the run shares its study's streams, 1 for the A/A arm's.
    public var streamVariant: UInt64
    /// Steps between checkpoints; 0: none.
    public var checkpointEvery: Int
    /// Threads of one tensor operation; `nil`: one in an embedded world, libtorch's own number elsewhere.
    public var threads: Int?
    /// What relative paths start from.
    public let folder: String

    /// - Throws: `usage` naming the key that is wrong or not known.
    public init(_ value: JSONValue, path: String, folder: String) throws(Diagnostic) {
        var reader = try SettingsReader(value, path: path)
        guard let world = reader.value("world") else {
            throw Diagnostic(
                .usage, "the run has no world", at: .init(field: reader.path(of: "world")),
                remedy: "Write, for example, world: {kind: lookup}")
        }
        self.world = world
        policy = try PolicySettings(try reader.map("policy"), folder: folder)
        terms = try RewardTermSettings.list(
            reader.value("reward") ?? "gold", path: reader.path(of: "reward"), relativeTo: folder)
        let regime = reader.value("regime") ?? .object([:])
        regimes = [(0, try RegimeSettings(regime, path: reader.path(of: "regime")))]
        meters = try MeterSettings(reader.value("meters") ?? .object([:]), path: reader.path(of: "meters"))
        pieces = []
        for (index, piece) in try reader.list("pieces").enumerated() {
            pieces.append(try PieceSettings(piece, path: "\(reader.path(of: "pieces"))[\(index)]"))
        }
        guard Set(pieces.map(\.kind)).count == pieces.count else {
            throw Diagnostic(
                .usage, "a run has one verifier and one hint at most", at: .init(field: reader.path(of: "pieces")),
                remedy: "Leave one of them out")
        }
        streamVariant = try Self.variant(&reader)
        var checkpoints = try reader.map("checkpoints")
        checkpointEvery = try checkpoints.integer("every", default: 0, in: 0...10_000_000)
        try checkpoints.finish()
        threads = try reader.integer("threads", in: 1...TorchLibrary.maximumThreads)
        self.folder = folder
        let interventions = try reader.list("interventions")
        let interventionPath = reader.path(of: "interventions")
        try reader.finish()
        guard interventions.isEmpty || regimes[0].settings.trains else {
            throw Diagnostic(
                .usage, "\(regimes[0].settings.kind.rawValue) has no updates between which anything could change",
                at: .init(field: interventionPath), remedy: "Leave the interventions out")
        }
        for (index, intervention) in interventions.enumerated() {
            try apply(intervention, path: "\(interventionPath)[\(index)]", regime: regime)
        }
    }

    private static func variant(_ reader: inout SettingsReader) throws(Diagnostic) -> UInt64 {
        switch try reader.string("streams") {
        case nil, "shared": return 0
        case "aa": return 1
        case let other?: throw reader.wrong("streams", .string(other), "should be shared or aa")
        }
    }

    /// Whether the world is one of the program's own, whose runs are single-threaded.
    public var isEmbedded: Bool { world["kind"]?.stringValue != WorldKind.prompts.rawValue }
}

extension RunSettings {
    /// `{at: 150, remove: NAME}` of a reward term or a piece, `{at: 150, replace: NAME, with: SPEC}`, `{at: 150, regime: {…}}`,
    /// `{at: 150, refresh: NAME}`, `{at: 150, freeze: NAME}`, `{at: 150, prompts: [0.5, 1]}`.
    private mutating func apply(_ value: JSONValue, path: String, regime: JSONValue) throws(Diagnostic) {
        var reader = try SettingsReader(value, path: path)
        let step = try reader.integer("at", default: 0, in: 0...10_000_000)
        let steps = regimes[0].settings.steps
        guard step < steps else {
            throw Diagnostic(
                .usage, "nothing can change at update \(step) of a run that has \(steps)",
                at: .init(field: "\(path).at"), remedy: "Give an update from 0 to \(max(steps - 1, 0))")
        }
        let changes = reader.keys.filter { $0 != "at" && $0 != "with" }
        guard changes.count == 1, let change = changes.first.flatMap(Change.init),
            (change == .replace) == (reader.value("with") != nil)
        else { throw Self.notOneChange(path) }
        switch change {
        case .remove: try remove(try name(&reader, change), at: step, path: path)
        case .replace: try replace(&reader, at: step, path: path)
        case .regime: try switchRegime(to: reader.value("regime") ?? .null, at: step, path: path, regime: regime)
        case .refresh, .freeze: try retrain(try name(&reader, change), change, at: step, path: path)
        case .prompts: try swapPrompts(&reader, at: step)
        }
        try reader.finish()
    }

    private enum Change: String, CaseIterable { case remove, replace, regime, refresh, freeze, prompts }

    private static func notOneChange(_ path: String) -> Diagnostic {
        Diagnostic(
            .usage, "an intervention changes exactly one thing", at: .init(field: path),
            remedy:
                "Give at: STEP and one of remove: TERM or PIECE, replace: TERM with: SPEC, regime: {…}, refresh: TERM, "
                + "freeze: TERM, or prompts: [FROM, TO]")
    }

    private func name(_ reader: inout SettingsReader, _ change: Change) throws(Diagnostic) -> String {
        guard let name = try reader.string(change.rawValue) else { throw Self.notOneChange(reader.path) }
        return name
    }

    private mutating func replace(_ reader: inout SettingsReader, at step: Int, path: String) throws(Diagnostic) {
        let name = try name(&reader, .replace)
        try end(name, at: step, path: path)
        var term = try RewardTermSettings(reader.value("with") ?? .null, path: "\(path).with", relativeTo: folder)
        (term.name, term.from) = ("\(name) from \(step)", step)
        terms.append(term)
    }

    private mutating func retrain(_ name: String, _ change: Change, at step: Int, path: String) throws(Diagnostic) {
        let index = try term(name, path: path)
        if change == .refresh { terms[index].refreshedAt.append(step) } else { terms[index].frozenFrom = step }
        try terms[index].checkRefresh(path: path)
    }

    private mutating func swapPrompts(_ reader: inout SettingsReader, at step: Int) throws(Diagnostic) {
        let ends = try reader.list("prompts").compactMap(\.doubleValue)
        guard ends.count == 2, ends[0] >= 0, ends[0] < ends[1], ends[1] <= 1 else {
            throw reader.wrong(
                "prompts", reader.value("prompts") ?? .null, "should be two shares of the prompts, such as [0.5, 1]")
        }
        promptSwaps.append((step, ends[0]...ends[1]))
        promptSwaps.sort { $0.from < $1.from }
    }

    /// A reward term, or a piece by its kind.
    private mutating func remove(_ name: String, at step: Int, path: String) throws(Diagnostic) {
        guard let piece = pieces.firstIndex(where: { $0.kind.rawValue == name }),
            !terms.contains(where: { $0.name == name })
        else { return try end(name, at: step, path: path) }
        pieces[piece].until = step
    }

    private mutating func end(_ name: String, at step: Int, path: String) throws(Diagnostic) {
        terms[try term(name, path: path)].until = step
    }

    private func term(_ name: String, path: String) throws(Diagnostic) -> Int {
        guard let index = terms.lastIndex(where: { $0.name == name || $0.name.hasPrefix(name + " from ") }) else {
            throw Diagnostic(
                .usage, "the reward has no term '\(name)'", at: .init(field: path),
                remedy: "Name one of \(terms.map(\.name).joined(separator: ", "))")
        }
        return index
    }

    private mutating func switchRegime(
        to patch: JSONValue, at step: Int, path: String, regime: JSONValue
    ) throws(Diagnostic) {
        guard case .object(var members) = regime, case .object(let changes) = patch else {
            throw Diagnostic(.usage, "a regime is a map", at: .init(field: "\(path).regime"))
        }
        for key in ["optimiser", "steps"] where changes[key] != nil {
            throw Diagnostic(
                .usage, "\(key) is the whole run's and cannot change in it", at: .init(field: "\(path).regime.\(key)"),
                remedy: "Set it in the run's regime")
        }
        for (key, value) in changes { members[key] = value }
        let regime = try RegimeSettings(.object(members), path: "\(path).regime")
        guard regime.trains else {
            throw Diagnostic(
                .usage, "\(regime.kind.rawValue) trains nothing, so a run cannot go on with it",
                at: .init(field: "\(path).regime.kind"), remedy: "Make it an arm of its own")
        }
        regimes.append((step, regime))
        regimes.sort { $0.from < $1.from }
    }
}

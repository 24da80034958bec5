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
        streamVariant = try Self.variant(&reader)
        var checkpoints = try reader.map("checkpoints")
        checkpointEvery = try checkpoints.integer("every", default: 0, in: 0...10_000_000)
        try checkpoints.finish()
        threads = try reader.integer("threads", in: 1...TorchLibrary.maximumThreads)
        self.folder = folder
        let interventions = try reader.list("interventions")
        let interventionPath = reader.path(of: "interventions")
        try reader.finish()
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
    /// `{at: 150, remove: NAME}`, `{at: 150, replace: NAME, with: SPEC}`, `{at: 150, regime: {…}}`.
    private mutating func apply(_ value: JSONValue, path: String, regime: JSONValue) throws(Diagnostic) {
        var reader = try SettingsReader(value, path: path)
        let step = try reader.integer("at", default: 0, in: 0...10_000_000)
        let removed = try reader.string("remove")
        let replaced = try reader.string("replace")
        let with = reader.value("with")
        let patch = reader.value("regime")
        try reader.finish()
        guard [removed != nil, replaced != nil, patch != nil].count(where: { $0 }) == 1,
            (replaced == nil) == (with == nil)
        else {
            throw Diagnostic(
                .usage, "an intervention changes exactly one thing", at: .init(field: path),
                remedy: "Give one of remove: TERM, replace: TERM with: SPEC, or regime: {…}, and at: STEP")
        }
        if let name = removed ?? replaced { try end(name, at: step, path: path) }
        if let name = replaced, let with {
            var term = try RewardTermSettings(with, path: "\(path).with", relativeTo: folder)
            (term.name, term.from) = ("\(name) from \(step)", step)
            terms.append(term)
        }
        if let patch { try switchRegime(to: patch, at: step, path: path, regime: regime) }
    }

    private mutating func end(_ name: String, at step: Int, path: String) throws(Diagnostic) {
        guard let index = terms.lastIndex(where: { $0.name == name || $0.name.hasPrefix(name + " from ") }) else {
            throw Diagnostic(
                .usage, "the reward has no term '\(name)'", at: .init(field: path),
                remedy: "Name one of \(terms.map(\.name).joined(separator: ", "))")
        }
        terms[index].until = step
    }

    private mutating func switchRegime(
        to patch: JSONValue, at step: Int, path: String, regime: JSONValue
    ) throws(Diagnostic) {
        guard case .object(var members) = regime, case .object(let changes) = patch else {
            throw Diagnostic(.usage, "a regime is a map", at: .init(field: "\(path).regime"))
        }
        for (key, value) in changes { members[key] = value }
        regimes.append((step, try RegimeSettings(.object(members), path: "\(path).regime")))
        regimes.sort { $0.from < $1.from }
    }
}

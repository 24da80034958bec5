public import Foundation
public import JSON

/// Names a run. Names sort as text by the time at which their runs began.
public struct RunID: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A new name, `20260131T235959.123Z-0f3a9c2e`: the time and a random number.
    init(startedAt time: Date) {
        let random = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        let padding = String(repeating: "0", count: 8 - random.count)
        rawValue = "\(time.formatted(Self.timeFormat))-\(padding)\(random)"
    }

    private static let timeFormat = Date.ISO8601FormatStyle(
        dateSeparator: .omitted, timeSeparator: .omitted, includingFractionalSeconds: true)

    public var description: String { rawValue }
}

/// How a run stands.
public enum RunStatus: String, Sendable, Hashable, CaseIterable {
    /// At work, or killed before it could say otherwise.
    case running
    case done
    case failed
    /// Stopped by the user.
    case interrupted
    /// Done, but some rows failed.
    case partial
}

/// What a run took. Costs are left out of a run's digest.
public struct RunCost: Sendable, Hashable {
    /// Wall-clock time.
    public var seconds: Double
    /// Tokens computed.
    public var tokens: Int

    public init(seconds: Double = 0, tokens: Int = 0) {
        self.seconds = seconds
        self.tokens = tokens
    }
}

/// What is known of a run before it begins. Nothing secret may be put here.
public struct RunDescription: Sendable, Hashable {
    /// `score`, `bench`, …
    public var verb: String
    /// All that decides the numbers and that the user can choose.
    public var settings: JSONValue
    /// What produces the numbers: checkpoint digests, template, maximum length, dtype, threads, data digest, program version.
    public var provenance: JSONValue
    /// The machine, as far as it stays the same between runs on it.
    public var machine: JSONValue
    public var commandLine: [String]
    public var outputPath: String?

    public init(
        verb: String, settings: JSONValue, provenance: JSONValue = [:], machine: JSONValue = [:],
        commandLine: [String] = [], outputPath: String? = nil
    ) {
        self.verb = verb
        self.settings = settings
        self.provenance = provenance
        self.machine = machine
        self.commandLine = commandLine
        self.outputPath = outputPath
    }

    /// SHA-256, in hexadecimal, of the settings' canonical text.
    public var settingsDigest: String { SHA256Digest.hexadecimal(of: settings.canonicalText.utf8) }
}

/// A run as the ledger holds it.
public struct RunRecord: Sendable, Hashable {
    public var id: RunID
    public var description: RunDescription
    public var status: RunStatus
    /// To the millisecond.
    public var started: Date
    public var finished: Date?
    /// Summed over the run and its resumptions.
    public var cost: RunCost
}

import Diagnostics
import Experiment
import JSON

extension PromptWorld {
    /// How prompt and response are written for the policy.
    public enum Template: String, Sendable, CaseIterable {
        /// Prompt and response are tokenised apart and concatenated; nothing is added.
        case raw
    }

    /// How many rows, the last of those read, are only evaluated on.
    public enum HeldOut: Sendable, Hashable {
        case count(Int)
        /// Of the rows read, rounded down; 0 or more and below 1.
        case share(Double)

        func count(of rows: Int) -> Int {
            switch self {
            case .count(let count): count
            case .share(let share): Int(share * Double(rows))
            }
        }

        var json: JSONValue {
            switch self {
            case .count(let count): .integer(count)
            case .share(let share): .number(share)
            }
        }
    }

    /// What decides the world.
    public struct Settings: Sendable {
        /// JSON lines, one row a line.
        public var file: String
        /// The field that holds the prompt; `nil`: `prompt` where the row has it, else `question`.
        public var prompt: String?
        public var gold: any GoldRule
        public var heldOut = HeldOut.share(0.1)
        /// Rows to read from the file's beginning; `nil`: all.
        public var limit: Int?
        /// Tokens of a response at most, the end token included.
        public var maximumTokens = 256
        public var template = Template.raw
        /// Text before and after every prompt, such as a line feed that parts a question from its answer.
        public var prefix = ""
        public var suffix = ""
        /// The field that holds a response to learn from by supervised training.
        public var demonstration: String?

        public init(file: String, gold: any GoldRule) {
            self.file = file
            self.gold = gold
        }

        /// - Throws: `usage` naming the key that is wrong or not known.
        public init(_ reader: inout SettingsReader, relativeTo folder: String = "") throws(Diagnostic) {
            guard let file = try reader.string("file") else {
                throw Diagnostic(
                    .usage, "the world of prompts names no file", at: .init(field: reader.path(of: "file")),
                    remedy: "Write file: ROWS.jsonl")
            }
            self.init(file: file, gold: try makeGoldRule(&reader, relativeTo: folder))
            prompt = try reader.string("prompt")
            heldOut = try Self.heldOut(&reader) ?? heldOut
            limit = try reader.integer("limit", in: 1...Int.max)
            maximumTokens = try reader.integer("maximum-tokens", default: maximumTokens, in: 1...1_048_576)
            template = try reader.choice("template", default: template)
            prefix = try reader.string("prefix", default: prefix)
            suffix = try reader.string("suffix", default: suffix)
            demonstration = try reader.string("demonstration")
            try reader.finish()
        }

        private static func heldOut(_ reader: inout SettingsReader) throws(Diagnostic) -> HeldOut? {
            switch reader.value("held-out") {
            case nil: return nil
            case .integer(let count) where count >= 0: return .count(count)
            case .number(let share) where (0..<1).contains(share): return .share(share)
            case .some(let value):
                throw reader.wrong(
                    "held-out", value, "should be a number of rows, or a share of them from 0.0 to below 1",
                    remedy: "Write, for example, held-out: 0.1 or held-out: 200")
            }
        }

        /// The settings in full, in a fixed order; what is not given has no key.
        public var json: JSONValue {
            var members: JSONObject = ["kind": "prompts", "file": .string(file)]
            if let prompt { members["prompt"] = .string(prompt) }
            members["gold"] = gold.json
            members["held-out"] = heldOut.json
            if let limit { members["limit"] = .integer(limit) }
            members["maximum-tokens"] = .integer(maximumTokens)
            members["template"] = .string(template.rawValue)
            members["prefix"] = .string(prefix)
            members["suffix"] = .string(suffix)
            if let demonstration { members["demonstration"] = .string(demonstration) }
            return .object(members)
        }
    }
}

import Diagnostics
import Experiment
import JSON

extension LookupWorld {
    /// How gold is spread over the answers of a class.
    public enum Gold: String, Sendable, CaseIterable {
        /// Equally spaced from 0 to 1.
        case graded
        /// One answer is worth 1, the others 0.
        case binary
    }

    /// What decides the world.
    public struct Settings: Sendable, Hashable {
        public var prompts = 64
        /// Answers of a prompt, and so the size of the vocabulary: 2 to 4,096.
        public var answers = 32
        /// Answers of a class have the same reference probability; divides the answers into at least 2 a class.
        public var classes = 8
        /// The probability of a class over that of the class before it.
        public var decay = 0.6
        public var gold = Gold.graded
        public var seed = 0

        public init() {}

        /// - Throws: `usage` naming the key that is wrong or not known.
        public init(_ reader: inout SettingsReader) throws(Diagnostic) {
            prompts = try reader.integer("prompts", default: prompts, in: 1...65_536)
            answers = try reader.integer("answers", default: answers, in: 2...4096)
            classes = try reader.integer("classes", default: min(classes, answers / 2), in: 1...2048)
            decay = try reader.number("decay", default: decay, in: 1e-6...1)
            gold = try reader.choice("gold", default: gold)
            seed = try reader.integer("seed", default: seed, in: 0...Int.max)
            try reader.finish()
            try check(reader)
        }

        private func check(_ reader: SettingsReader) throws(Diagnostic) {
            guard answers % classes == 0, answers / classes >= 2 else {
                throw reader.wrong(
                    "classes", .integer(classes), "should divide the \(answers) answers into at least 2 a class",
                    remedy: "Give, for example, answers: 32 and classes: 8")
            }
            guard prompts * answers <= LookupWorld.maximumCells else {
                throw reader.wrong(
                    "prompts", .integer(prompts),
                    "times answers should be at most \(LookupWorld.maximumCells), since every response is listed",
                    remedy: "Give fewer prompts or answers")
            }
        }

        /// The settings in full, in a fixed order.
        public var json: JSONValue {
            [
                "kind": "lookup", "prompts": .integer(prompts), "answers": .integer(answers),
                "classes": .integer(classes), "decay": .number(decay), "gold": .string(gold.rawValue),
                "seed": .integer(seed),
            ]
        }
    }
}

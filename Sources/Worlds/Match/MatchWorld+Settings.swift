import Diagnostics
import Experiment
import JSON

extension MatchWorld {
    /// What decides the world.
    public struct Settings: Sendable, Hashable {
        /// Contents a response may have, and topics a prompt may have.
        public var contents = 8
        public var styles = 4
        public var lengths = 4
        /// Variants of a prompt, for each topic.
        public var noise = 8
        /// Variants of each topic that are only evaluated on.
        public var heldOut = 2
        /// The probability that the base policy picks the content that fits; the others share the rest equally.
        public var baseFit = 0.3
        /// The base policy's probability of a style over that of the style before it.
        public var styleDecay = 0.7
        /// The base policy's probability of a length over that of the length before it.
        public var lengthDecay = 0.7

        public init() {}

        /// - Throws: `usage` naming the key that is wrong or not known.
        public init(_ reader: inout SettingsReader) throws(Diagnostic) {
            contents = try reader.integer("contents", default: contents, in: 2...256)
            styles = try reader.integer("styles", default: styles, in: 2...64)
            lengths = try reader.integer("lengths", default: lengths, in: 1...32)
            noise = try reader.integer("noise", default: noise, in: 1...256)
            heldOut = try reader.integer("held-out", default: min(heldOut, noise - 1), in: 0...255)
            baseFit = try reader.number("base-fit", default: baseFit, in: 1e-6...0.999999)
            styleDecay = try reader.number("style-decay", default: styleDecay, in: 1e-6...1e6)
            lengthDecay = try reader.number("length-decay", default: lengthDecay, in: 1e-6...1e6)
            try reader.finish()
            guard heldOut < noise else {
                throw reader.wrong(
                    "held-out", .integer(heldOut), "should leave some of the \(noise) variants to train on",
                    remedy: "Give fewer than 'noise'")
            }
        }

        /// The settings in full, in a fixed order.
        public var json: JSONValue {
            [
                "kind": "match", "contents": .integer(contents), "styles": .integer(styles),
                "lengths": .integer(lengths), "noise": .integer(noise), "held-out": .integer(heldOut),
                "base-fit": .number(baseFit), "style-decay": .number(styleDecay),
                "length-decay": .number(lengthDecay),
            ]
        }
    }
}

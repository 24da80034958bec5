import Diagnostics
import Experiment
import JSON

extension ReduceWorld {
    /// What decides the world.
    public struct Settings: Sendable, Hashable {
        public var group = FiniteGroup.Kind.symmetric
        /// The group's degree n: S₃ has 6 elements, A₅ has 60, the cyclic group of degree n has n.
        public var order = 3
        /// How many elements are multiplied, ascending, each at least 2.
        public var lengths = [3, 4, 5]
        /// Prompts of each length that are trained on.
        public var prompts = 64
        /// Prompts of each length that are only evaluated on.
        public var heldOut = 16
        /// The probability that a step of a demonstration is wrong; the steps after it go on from what was written.
        public var error = 0.2
        public var seed = 0

        public init() {}

        /// - Throws: `usage` naming the key that is wrong or not known.
        public init(_ reader: inout SettingsReader) throws(Diagnostic) {
            group = try reader.choice("group", default: group)
            let least = group == .cyclic || group == .symmetric ? 2 : 3
            let fallback = group == .alternating ? 4 : 3
            order = try reader.integer(
                "order", default: fallback, in: least...FiniteGroup.maximumDegree(of: group))
            lengths = try Self.lengths(&reader) ?? lengths
            prompts = try reader.integer("prompts", default: prompts, in: 1...65_536)
            heldOut = try reader.integer("held-out", default: heldOut, in: 0...65_536)
            error = try reader.number("error", default: error, in: 0...0.999)
            seed = try reader.integer("seed", default: seed, in: 0...Int.max)
            try reader.finish()
        }

        private static func lengths(_ reader: inout SettingsReader) throws(Diagnostic) -> [Int]? {
            guard reader.value("lengths") != nil else { return nil }
            let values = try reader.list("lengths")
            let lengths = Set(values.compactMap(\.intValue))
            guard lengths.count == values.count, !lengths.isEmpty, lengths.allSatisfy((2...64).contains) else {
                throw reader.wrong(
                    "lengths", .array(values), "should be a list of different integers from 2 to 64",
                    remedy: "Write, for example, lengths: [3, 4, 5]")
            }
            return lengths.sorted()
        }

        /// The settings in full, in a fixed order.
        public var json: JSONValue {
            [
                "kind": "reduce", "group": .string(group.rawValue), "order": .integer(order),
                "lengths": .array(lengths.map { .integer($0) }), "prompts": .integer(prompts),
                "held-out": .integer(heldOut), "error": .number(error), "seed": .integer(seed),
            ]
        }
    }
}

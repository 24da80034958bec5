import Diagnostics
import Experiment
import JSON
import Statistics
import Text

/// `rule:coin`: a uniform number in [0, 1), the control that every reward should beat.
///
/// The number is a function of the seed, the prompt, the response, and how many responses before it in the group have
/// the same text; so it depends neither on batching nor on the order of rows, and equal responses do not tie.
public struct CoinRule: ModelFreeReward, Sendable {
    public let spec: String
    public let seed: UInt64

    /// - Throws: `usage` where a key or value is wrong.
    public init(_ spec: RewardSpec) throws(Diagnostic) {
        var parameters = spec.parameterReader
        seed = try parameters.seed("seed", default: 0)
        try parameters.finish()
        self.spec = spec.description
    }

    public var provenance: JSONValue { ["kind": "rule", "rule": "coin", "seed": .string(String(seed))] }

    public func score(_ group: Group) throws(Diagnostic) -> GroupScore {
        var digest = TextDigest()
        for message in group.prompt.messages {
            digest.append(message.role)
            digest.append(message.content)
        }
        var occurrences: [UInt64: UInt64] = [:]
        let scores = group.responses.map { response in
            var item = digest
            item.append(response)
            let earlier = occurrences[item.value, default: 0]
            occurrences[item.value] = earlier + 1
            var stream = RandomStream(seed: seed, purpose: "rule:coin", step: earlier, item: item.value)
            return stream.uniform()
        }
        return GroupScore(id: group.id, scores: scores)
    }
}

/// A 64-bit digest of a sequence of texts: FNV-1a (Fowler, Noll and Vo) over each text's UTF-8 and then its length, so
/// that no two sequences feed it the same bytes.
struct TextDigest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func append(_ text: String) {
        var count: UInt64 = 0
        for byte in text.utf8 {
            append(byte)
            count += 1
        }
        for shift in stride(from: 0, to: 64, by: 8) { append(UInt8(truncatingIfNeeded: count >> UInt64(shift))) }
    }

    private mutating func append(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
}

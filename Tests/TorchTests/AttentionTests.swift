import Foundation
import Testing

@testable import Torch

/// Attention over more rows than go together at a time, against its definition in double precision.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct AttentionTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        var heads = 4
        var kvHeads = 2
        var cap: Double?
        var window: Int?
        var testDescription: String { "\(heads)/\(kvHeads) heads, cap \(cap ?? 0), window \(window ?? 0)" }
    }

    nonisolated static let settings = [
        Setting(), Setting(cap: 2), Setting(window: 9), Setting(cap: 2, window: 70),
        Setting(heads: 3, kvHeads: 3, cap: 1),
        Setting(heads: 4, kvHeads: 1, window: 130), Setting(heads: 1, kvHeads: 1),
    ]
    private let headWidth = 8

    /// A trunk of 70 rows from which two branches of 150 and 65 rows go on.
    @Test("Branches of a long trunk see the trunk and themselves", arguments: settings)
    func branches(setting: Setting) throws {
        let rows = 285
        let q = try Tensor.mixed(1, [rows, setting.heads, headWidth]).scaled(by: 2)
        let k = try Tensor.mixed(2, [rows, setting.kvHeads, headWidth]).scaled(by: 2)
        let v = try Tensor.mixed(3, [rows, setting.kvHeads, headWidth])
        var map = SegmentMap()
        map.append(queries: 0..<70, keys: [.init(rows: 0..<70)])
        map.append(queries: 70..<220, keys: [.init(rows: 0..<220)])
        map.append(queries: 220..<285, keys: [.init(rows: 0..<70), .init(rows: 220..<285)])
        let shape = AttentionShape(
            heads: setting.heads, kvHeads: setting.kvHeads, headWidth: headWidth, scale: 0.6, softCap: setting.cap,
            window: setting.window)
        let got = try Tensor.attention(queries: q, keys: k, values: v, segments: map, shape: shape).doubles()
        let wanted = try definition(q, k, v, setting)
        #expect(try relativeError(got, wanted) <= 1e-5)
        let (halfQ, halfK, halfV) = (
            try q.converted(to: .bfloat16), try k.converted(to: .bfloat16), try v.converted(to: .bfloat16)
        )
        let half = try Tensor.attention(queries: halfQ, keys: halfK, values: halfV, segments: map, shape: shape)
        let halfWanted = try definition(halfQ, halfK, halfV, setting)
        // Weights and result are rounded to 8 bits.
        #expect(try half.elementType == .bfloat16 && relativeError(half.doubles(), halfWanted) <= 0.01)
    }

    private func definition(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ setting: Setting) throws -> [Double] {
        let (queries, keys, values) = (try q.doubles(), try k.doubles(), try v.doubles())
        var result: [Double] = []
        for row in 0..<285 {
            let path = row < 220 ? Array(0...row) : Array(0..<70) + Array(220...row)
            let seen = path.suffix(setting.window ?? path.count)
            for head in 0..<setting.heads {
                let keyHead = head / (setting.heads / setting.kvHeads)
                let query = (row * setting.heads + head) * headWidth
                let weights = seen.map { position -> Double in
                    let key = (position * setting.kvHeads + keyHead) * headWidth
                    var score = 0.0
                    for column in 0..<headWidth { score += queries[query + column] * keys[key + column] }
                    score *= 0.6
                    return exp(setting.cap.map { $0 * tanh(score / $0) } ?? score)
                }
                let total = weights.reduce(0, +)
                for column in 0..<headWidth {
                    var sum = 0.0
                    for (position, weight) in zip(seen, weights) {
                        sum += weight * values[(position * setting.kvHeads + keyHead) * headWidth + column]
                    }
                    result.append(sum / total)
                }
            }
        }
        return result
    }
}

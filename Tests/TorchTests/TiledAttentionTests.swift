import CTorch
import Foundation
import Testing

@testable import Torch

/// Attention in bfloat16, whose tiles have a kernel of their own, against libtorch's in float64 on the same numbers. Where the
/// processor has no bfloat16 products another path answers, which is held to the same.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct TiledAttentionTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var heads: Int
        var kvHeads: Int
        var width: Int
        var window: Int?
        var testDescription: String { "\(heads)/\(kvHeads) heads of \(width), window \(window ?? 0)" }

        var attention: AttentionShape {
            AttentionShape(heads: heads, kvHeads: kvHeads, headWidth: width, scale: 0.3, softCap: nil, window: window)
        }
    }

    nonisolated static let shapes = [
        Shape(heads: 4, kvHeads: 2, width: 64), Shape(heads: 7, kvHeads: 1, width: 16),
        Shape(heads: 2, kvHeads: 2, width: 80), Shape(heads: 2, kvHeads: 1, width: 128),
        Shape(heads: 4, kvHeads: 2, width: 32, window: 37), Shape(heads: 1, kvHeads: 1, width: 48, window: 300),
        Shape(heads: 65, kvHeads: 1, width: 16), Shape(heads: 2, kvHeads: 1, width: 24),
    ]

    /// Whether the tiles themselves answer, without derivatives too: bits can be asked of them only.
    nonisolated static let answer: Bool = {
        let facts = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return facts.contains("avx512_bf16") && !facts.contains("amx_bf16")
    }()
    nonisolated static let others: Comment = "this processor's attention is not the tiles"

    /// A trunk of 290 rows, more than one thread takes together; branches of 1, 70 and 33 rows; one of these goes on.
    private static func tree() -> SegmentMap {
        var map = SegmentMap()
        map.append(queries: 0..<290, keys: [.init(rows: 0..<290)])
        map.append(queries: 290..<291, keys: [.init(rows: 0..<291)])
        map.append(queries: 291..<361, keys: [.init(rows: 0..<290), .init(rows: 291..<361)])
        map.append(queries: 361..<394, keys: [.init(rows: 0..<290), .init(rows: 361..<394)])
        map.append(queries: 394..<400, keys: [.init(rows: 0..<290), .init(rows: 291..<361), .init(rows: 394..<400)])
        return map
    }

    private static func inputs(_ shape: Shape, rows: Int = 400) throws -> [Tensor] {
        try [shape.heads, shape.kvHeads, shape.kvHeads].enumerated().map { index, heads in
            try Tensor.mixed(UInt64(index + 1), [rows, heads, shape.width], type: .bfloat16)
        }
    }

    private static func attend(_ inputs: [Tensor], _ map: SegmentMap, _ shape: Shape) throws -> Tensor {
        try Tensor.attention(
            queries: inputs[0], keys: inputs[1], values: inputs[2], segments: map, shape: shape.attention)
    }

    /// What comes out and the gradients of a weighted sum of it.
    private static func outcome(
        _ inputs: [Tensor], _ shape: Shape, _ map: SegmentMap = tree()
    ) throws -> [[Double]] {
        for input in inputs { try input.setRequiresGradient(true) }
        let output = try attend(inputs, map, shape)
        let weights = try Tensor.mixed(9, output.shape, type: .bfloat16).converted(to: try #require(output.elementType))
        try output.multiplying(weights).total().backward()
        return try [output.doubles()] + inputs.map { try #require(try $0.gradient()).doubles() }
    }

    @Test("Values and gradients are those of float64, rounded to 8 bits", arguments: shapes)
    func gradients(shape: Shape) throws {
        let handles = TorchLibrary.liveHandles
        do {
            let inputs = try Self.inputs(shape)
            let exact = try Self.outcome(try inputs.map { try $0.converted(to: .float64) }, shape)
            let got = try Self.outcome(inputs, shape)
            for (name, (got, exact)) in zip(["output", "queries", "keys", "values"], zip(got, exact)) {
                #expect(try relativeError(got, exact) <= 0.01, "\(name)")
            }
        }
        #expect(TorchLibrary.liveHandles == handles)
    }

    @Test(
        "A branch's rows are bit for bit the same whatever is computed beside it", .enabled(if: answer, others),
        arguments: shapes)
    func neighbours(shape: Shape) throws {
        let inputs = try Self.inputs(shape)
        let all = try Self.attend(inputs, Self.tree(), shape).floats()
        var map = SegmentMap()
        map.append(queries: 0..<33, keys: [.init(rows: 0..<290), .init(rows: 361..<394)])
        let alone = try Self.attend([inputs[0].narrowed(0, 361..<394), inputs[1], inputs[2]], map, shape).floats()
        let row = shape.heads * shape.width
        #expect(Array(all[(361 * row)..<(394 * row)]) == alone)
    }

    @Test("A path's rows are bit for bit the same however it is cut", .enabled(if: answer, others), arguments: shapes)
    func cuts(shape: Shape) throws {
        guard shape.width % 16 == 0, shape.heads / shape.kvHeads <= 64 else { return }
        let inputs = try Self.inputs(shape)
        var whole = SegmentMap()
        whole.append(queries: 0..<400, keys: [.init(rows: 0..<400)])
        var cut = SegmentMap()
        for (start, end) in [(0, 101), (101, 357), (357, 400)] {
            cut.append(queries: start..<end, keys: [.init(rows: 0..<end)])
        }
        #expect(try Self.attend(inputs, whole, shape).floats() == Self.attend(inputs, cut, shape).floats())
    }

    /// Slopes of so many parts are added up in several waves.
    @Test("Many branches on many threads: the gradients of one thread, which are those of float64")
    func waves() throws {
        let shape = Shape(heads: 8, kvHeads: 4, width: 64)
        let (trunk, branches, rows) = (500, 240, 4)
        var map = SegmentMap()
        map.append(queries: 0..<trunk, keys: [.init(rows: 0..<trunk)])
        for branch in 0..<branches {
            let own = trunk + branch * rows..<trunk + (branch + 1) * rows
            map.append(queries: own, keys: [.init(rows: 0..<trunk), .init(rows: own)])
        }
        let threads = try TorchLibrary.threads()
        defer { #expect(throws: Never.self) { try TorchLibrary.setThreads(threads) } }
        func outcome(_ type: ElementType, threads: Int) throws -> [[Double]] {
            try TorchLibrary.setThreads(threads)
            let inputs = try Self.inputs(shape, rows: trunk + branches * rows).map { try $0.converted(to: type) }
            return try Self.outcome(inputs, shape, map)
        }
        let one = try outcome(.bfloat16, threads: 1)
        #expect(try one == outcome(.bfloat16, threads: 2))
        for (got, exact) in zip(one, try outcome(.float64, threads: 2)) {
            #expect(try relativeError(got, exact) <= 0.01)
        }
    }

    @Test("Keys in a cache count as keys beside the queries", .enabled(if: answer, others), arguments: shapes)
    func cache(shape: Shape) throws {
        let inputs = try Self.inputs(shape)
        let whole = try Self.attend(inputs, Self.tree(), shape).floats()
        let trunk = try inputs.map { try $0.narrowed(0, 0..<290) }
        let branch = try inputs.map { try $0.narrowed(0, 291..<361) }
        var map = SegmentMap()
        map.append(queries: 0..<70, keys: [.init(isCached: true, rows: 0..<290), .init(rows: 0..<70)])
        let got = try Tensor.attention(
            queries: branch[0], keys: branch[1], values: branch[2], cache: (trunk[1], trunk[2]), segments: map,
            shape: shape.attention
        ).floats()
        let row = shape.heads * shape.width
        #expect(got == Array(whole[(291 * row)..<(361 * row)]))
    }

    @Test("A NaN in a key reaches the rows that see it and no other", .enabled(if: answer, others))
    func notANumber() throws {
        let shape = Shape(heads: 2, kvHeads: 1, width: 16)
        var inputs = try Self.inputs(shape, rows: 40)
        var keys = try inputs[1].floats()
        keys[30 * 16] = .nan
        inputs[1] = try Tensor.holding(keys, [40, 1, 16]).converted(to: .bfloat16)
        var map = SegmentMap()
        map.append(queries: 0..<40, keys: [.init(rows: 0..<40)])
        let got = try Self.attend(inputs, map, shape).floats()
        #expect(got.prefix(30 * 32).allSatisfy { !$0.isNaN } && got.suffix(10 * 32).allSatisfy(\.isNaN))
    }

    @Test("Two runs of the same rows are refused")
    func overlapping() throws {
        let shape = Shape(heads: 2, kvHeads: 1, width: 16)
        let inputs = try Self.inputs(shape, rows: 40)
        var map = SegmentMap()
        map.append(queries: 0..<21, keys: [.init(rows: 0..<21)])
        map.append(queries: 20..<40, keys: [.init(rows: 0..<40)])
        #expect(throws: (any Error).self) { try Self.attend(inputs, map, shape) }
    }

    @Test("Keys that are not there are refused", arguments: [0..<41, 0..<400])
    func missing(keys: Range<Int>) throws {
        let shape = Shape(heads: 2, kvHeads: 1, width: 16)
        let inputs = try Self.inputs(shape, rows: 40)
        var map = SegmentMap()
        map.append(queries: 0..<40, keys: [.init(rows: keys)])
        #expect(throws: (any Error).self) { try Self.attend(inputs, map, shape) }
    }
}

import Diagnostics
import Foundation
import Testing

@testable import Torch

@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct TensorTests {
    @Test("Numbers go in and come out in every type")
    func values() throws {
        let numbers = try Tensor.holding([-2, 0, 0.5, 100], [2, 2])
        #expect(numbers.shape == [2, 2] && numbers.count == 4 && numbers.elementType == .float32)
        #expect(try numbers.floats() == [-2, 0, 0.5, 100] && numbers.doubles() == [-2, 0, 0.5, 100])
        #expect(try numbers.integers() == [-2, 0, 0, 100])
        for type in ElementType.allCases {
            let converted = try numbers.converted(to: type)
            #expect(converted.elementType == type)
            #expect(try converted.bytes().count == 4 * type.size)
        }
        let long = [Int64.min, 1 << 53 + 1, .max]
        #expect(try Tensor.from(long, shape: [3]).integers() == long)
        #expect(try Tensor.full(3, shape: []).scalar() == 3)
        #expect(try Tensor.zeros(shape: [0, 2]).floats().isEmpty)
    }

    @Test("Transposed and narrowed tensors are read row by row")
    func views() throws {
        let x = try Tensor.holding([0, 1, 2, 3, 4, 5], [2, 3])
        #expect(try x.transposed(0, 1).floats() == [0, 3, 1, 4, 2, 5])
        #expect(try x.narrowed(1, 1..<3).floats() == [1, 2, 4, 5])
        #expect(try x.rows([1, 1, 0]).floats() == [3, 4, 5, 3, 4, 5, 0, 1, 2])
        #expect(try x.gatheringColumns([2, 0]).floats() == [2, 3])
        #expect(try Tensor.concatenated([x, x], dimension: 1).shape == [2, 6])
        #expect(try x.reduced(.argmax, dimension: 1).integers() == [2, 2])
    }

    @Test("Rows are written in place, in a run or scattered, and shared memory sees it")
    func writing() throws {
        let x = try Tensor.zeros(shape: [5, 2])
        let view = try x.narrowed(0, 1..<4)
        try x.writeRows([1, 2], Tensor.holding([1, 2, 3, 4], [2, 2]))
        try x.writeRows([4, 0], Tensor.holding([5, 6, 7, 8], [2, 2]))
        #expect(try x.floats() == [7, 8, 1, 2, 3, 4, 0, 0, 5, 6])
        #expect(try view.floats() == [1, 2, 3, 4, 0, 0])
        try x.writeRows([], Tensor.zeros(shape: [0, 2]))
        #expect(throws: Diagnostic.self) { try x.writeRows([1], Tensor.zeros(shape: [2, 2])) }
        #expect(throws: Diagnostic.self) { try x.writeRows([4, 5], Tensor.zeros(shape: [2, 2])) }
        #expect(throws: Diagnostic.self) { try x.writeRows([0, 9], Tensor.zeros(shape: [2, 2])) }
    }

    @Test("Random numbers depend on the seed of the call alone, and are distributed as they say")
    func random() throws {
        let first = try Tensor.random(.normal, seed: 7, shape: [4000]).doubles()
        _ = try Tensor.random(.uniform, seed: 1, shape: [3])
        #expect(try Tensor.random(.normal, seed: 7, shape: [4000]).doubles() == first)
        #expect(try Tensor.random(.normal, seed: 8, shape: [4000]).doubles() != first)
        // Five standard errors of the mean and of the variance.
        let mean = first.reduce(0, +) / 4000
        let variance = first.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3999
        #expect(abs(mean) < 0.079)
        #expect(abs(variance - 1) < 0.112)
        let uniform = try Tensor.random(.uniform, seed: 7, shape: [4000]).doubles()
        #expect(uniform.allSatisfy { (0..<1).contains($0) })
        let middle = uniform.reduce(0, +) / 4000
        #expect(abs(middle - 0.5) < 0.0229)
    }

    @Test(
        "Reordered weights compute what plain ones do, with every epilogue",
        arguments: [ElementType.float32, .bfloat16])
    func packing(type: ElementType) throws {
        let tolerance = type == .float32 ? 1e-5 : 0.02
        for (rows, width, out) in [(1, 8, 16), (3, 32, 48), (65, 24, 7), (130, 96, 33)] {
            let x = try Tensor.mixed(1, [rows, width], type: type)
            let plain = try Tensor.mixed(2, [out, width], type: type)
            let (bias, other) = (try Tensor.mixed(3, [out], type: type), try Tensor.mixed(4, [rows, out], type: type))
            let packed = try LinearWeight.packing(plain, rows: 64, device: .cpu)
            #expect(packed.shape == [out, width])
            let epilogues: [Tensor.Epilogue] = [.none, .silu, .gelu, .geluTanh, .adding(other), .multiplying(other)]
            for epilogue in epilogues {
                for bias in [bias, nil] {
                    let got = try x.linear(packed, bias: bias, epilogue: epilogue).doubles()
                    let wanted = try x.linear(LinearWeight(plain), bias: bias, epilogue: epilogue).doubles()
                    #expect(try relativeError(got, wanted) <= tolerance)
                }
            }
        }
    }

    @Test("Token logits are those of the whole product, in chunks, capped and at a temperature")
    func tokenLogits() throws {
        let (rows, width, vocabulary) = (37, 16, 9000)
        let hidden = try Tensor.mixed(5, [rows, width])
        let weight = try Tensor.mixed(6, [vocabulary, width])
        var targets: [Tensor.TokenTarget] = []
        for row in 0..<rows where row % 3 != 0 {
            targets.append(.init(row: row, token: Int32(row * 977 % vocabulary)))
            targets.append(.init(row: row, token: Int32((row * 977 + 5000) % vocabulary)))
        }
        for (cap, temperature) in [(nil, 1.0), (2.0, 1.0), (nil, 0.5), (2.0, 3.0)] as [(Double?, Double)] {
            var logits = try hidden.matrixProduct(weight.transposed(0, 1)).converted(to: .float64)
            if let cap { logits = try logits.scaled(by: 1 / cap).applying(.tanh).scaled(by: cap) }
            logits = try logits.scaled(by: 1 / temperature)
            let sums = try logits.reduced(.logSumExp, dimension: 1).doubles()
            let all = try logits.doubles()
            for packed in [LinearWeight(weight), try LinearWeight.packing(weight, rows: 64, device: .cpu)] {
                let read = try hidden.tokenLogits(
                    weight: packed, targets: targets, softCap: cap, temperature: temperature)
                #expect(try relativeError(read.logSumExp, sums) <= 1e-6)
                let chosen = targets.map { all[$0.row * vocabulary + Int($0.token)] }
                #expect(try relativeError(read.chosen, chosen) <= 1e-5)
            }
        }
    }

    @Test(
        "Entropies, and divergences from another head, are the sums over allowed tokens; heads that do not fit are refused"
    )
    func entropies() throws {
        let (rows, size, width) = (5, 7, 3)
        let (hidden, other) = (try Tensor.mixed(1, [rows, width]), try Tensor.mixed(2, [rows, 2]))
        let (weight, otherWeight) = (try Tensor.mixed(3, [size, width]), try Tensor.mixed(4, [size, 2]))
        let allowed: [[Int32]] = [[0, 2, 5], [1, 2, 3, 4, 6]]
        let kinds = [0, 1, 1, 0, 1]
        func logs(_ hidden: Tensor, _ weight: Tensor, cap: Double, _ row: Int) throws -> [Int: Double] {
            let (x, w) = (try hidden.doubles(), try weight.doubles())
            let width = hidden.shape[1]
            var logits: [Int: Double] = [:]
            for token in allowed[kinds[row]].map(Int.init) {
                let z = (0..<width).reduce(0.0) { $0 + x[row * width + $1] * w[token * width + $1] }
                logits[token] = cap * Foundation.tanh(z / cap)
            }
            let sum = Foundation.log(logits.values.reduce(0) { $0 + Foundation.exp($1) })
            return logits.mapValues { $0 - sum }
        }
        let bias = try TokenBias(allowed: allowed, vocabularySize: size)
        let read = try hidden.entropies(
            weight: LinearWeight(weight), softCap: 2, other: (other, LinearWeight(otherWeight), 3), bias: (bias, kinds))
        for row in 0..<rows {
            let (p, q) = (try logs(hidden, weight, cap: 2, row), try logs(other, otherWeight, cap: 3, row))
            let entropy = p.values.reduce(0) { $0 - Foundation.exp($1) * $1 }
            let divergence = p.reduce(0) { $0 + Foundation.exp($1.value) * ($1.value - (q[$1.key] ?? .nan)) }
            #expect(abs(read.entropies[row] - entropy) < 1e-6 && abs(read.divergences[row] - divergence) < 1e-6)
        }
        #expect(try hidden.entropies(weight: LinearWeight(weight)).divergences.isEmpty)
        #expect(throws: Diagnostic.self) {
            try hidden.entropies(
                weight: LinearWeight(weight), other: (other, LinearWeight(try Tensor.mixed(4, [6, 2])), nil))
        }
    }

    @Test("A log-sum-exp of extreme logits is exact")
    func extremeLogits() throws {
        // The hidden state picks a column of the weight, so the logits are that column.
        for column in [[80, -80, 79], [-1e4, -1e4, -1e4], [3e38, 0, -3e38], [0, -.infinity, 1]] as [[Float]] {
            let weight = try Tensor.holding(column, [3, 1])
            let read = try Tensor.full(1, shape: [1, 1]).tokenLogits(
                weight: LinearWeight(weight), targets: [.init(row: 0, token: 0)])
            let top = Double(column.max() ?? 0)
            let exact = top + log(column.reduce(0) { $0 + exp(Double($1) - top) })
            #expect(try relativeError(read.logSumExp, [exact]) <= 1e-7)
            #expect(read.chosen == [Double(column[0])])
        }
    }

    @Test("Keys in a cache are seen as keys beside the queries are")
    func cachedKeys() throws {
        let (q, k, v) = (
            try Tensor.mixed(1, [6, 4, 8]), try Tensor.mixed(2, [6, 2, 8]), try Tensor.mixed(3, [6, 2, 8])
        )
        for (cap, window) in [(nil, nil), (1.0, nil), (nil, 3), (2.0, 2)] as [(Double?, Int?)] {
            let shape = AttentionShape(heads: 4, kvHeads: 2, headWidth: 8, scale: 1, softCap: cap, window: window)
            var whole = SegmentMap()
            whole.append(queries: 0..<6, keys: [.init(rows: 0..<6)])
            let wanted = try Tensor.attention(queries: q, keys: k, values: v, segments: whole, shape: shape).doubles()
            let cache = (keys: try Tensor.zeros(shape: [9, 2, 8]), values: try Tensor.zeros(shape: [9, 2, 8]))
            let places = [7, 8, 2, 3, 4, 0]
            try cache.keys.writeRows(places, k)
            try cache.values.writeRows(places, v)
            var parts: [Double] = []
            for row in 0..<6 {
                var map = SegmentMap()
                map.append(
                    queries: 0..<1, keys: places.prefix(row + 1).map { .init(isCached: true, rows: $0..<$0 + 1) })
                parts += try Tensor.attention(
                    queries: q.rows([row]), keys: k.rows([row]), values: v.rows([row]), cache: cache, segments: map,
                    shape: shape
                ).doubles()
            }
            #expect(try relativeError(parts, wanted) <= 1e-5)
        }
    }

    @Test("Device names are checked")
    func devices() {
        for name in ["cpu", "cuda", "cuda:0", "cuda:11"] { #expect(Device(name)?.name == name) }
        for name in ["", "gpu", "cpu:0", "cuda:", "cuda:x", "cuda:1:2", "cuda:-1"] { #expect(Device(name) == nil) }
    }
}

import CTorch
import Foundation
import JSON
import Testing

@testable import Torch

/// Values and gradients of every differentiable operation, against torch's autograd in double precision.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct DerivativeTests {
    typealias Operation = @TensorActor ([Tensor]) throws -> Tensor

    nonisolated static let operations: [String: Operation] = [
        "negate": { try $0[0].applying(.negate) }, "exp": { try $0[0].applying(.exp) },
        "log": { try $0[0].applying(.log) }, "sqrt": { try $0[0].applying(.sqrt) },
        "tanh": { try $0[0].applying(.tanh) }, "sigmoid": { try $0[0].applying(.sigmoid) },
        "logSigmoid": { try $0[0].applying(.logSigmoid) }, "silu": { try $0[0].applying(.silu) },
        "gelu": { try $0[0].applying(.gelu) }, "geluTanh": { try $0[0].applying(.geluTanh) },
        "relu": { try $0[0].applying(.relu) }, "abs": { try $0[0].applying(.abs) },
        "square": { try $0[0].applying(.square) }, "reciprocalSqrt": { try $0[0].applying(.reciprocalSqrt) },
        "adding": { try $0[0].adding($0[1]) }, "subtracting": { try $0[0].subtracting($0[1]) },
        "multiplying": { try $0[0].multiplying($0[1]) }, "dividing": { try $0[0].dividing(by: $0[1]) },
        "maximum": { try $0[0].maximum($0[1]) }, "minimum": { try $0[0].minimum($0[1]) },
        "scaled": { try $0[0].scaled(by: 2.5, plus: -1) }, "clamped": { try $0[0].clamped(-0.5...0.75) },
        "sum": { try $0[0].reduced(.sum, dimension: 1) }, "mean": { try $0[0].reduced(.mean, dimension: 1) },
        "max": { try $0[0].reduced(.max, dimension: 1) },
        "logSumExp": { try $0[0].reduced(.logSumExp, dimension: 1) },
        "softmax": { try $0[0].reduced(.softmax, dimension: 1) },
        "logSoftmax": { try $0[0].reduced(.logSoftmax, dimension: 1) },
        "keeping": { try $0[0].reduced(.sum, dimension: 0, keeping: true) }, "total": { try $0[0].total() },
        "average": { try $0[0].average() }, "matrixProduct": { try $0[0].matrixProduct($0[1]) },
        "rows": { try $0[0].rows([4, 0, 0, 2]) }, "embedding": { try $0[0].embedding([1, 1, 3]) },
        "gatheringColumns": { try $0[0].gatheringColumns([4, 0, 0]) },
        "concatenated": { try Tensor.concatenated([$0[0], $0[1]]) },
        "narrowed": { try $0[0].transposed(0, 1).reshaped([3, 8]).narrowed(1, 2..<7) },
        "linear": { try $0[0].linear(LinearWeight($0[1]), bias: $0[2]) },
        "linearSilu": { try $0[0].linear(LinearWeight($0[1]), bias: $0[2], epilogue: .silu) },
        "linearGelu": { try $0[0].linear(LinearWeight($0[1]), bias: $0[2], epilogue: .gelu) },
        "linearGeluTanh": { try $0[0].linear(LinearWeight($0[1]), bias: $0[2], epilogue: .geluTanh) },
        "linearAdding": { try $0[0].linear(LinearWeight($0[1]), epilogue: .adding($0[2])) },
        "linearMultiplying": { try $0[0].linear(LinearWeight($0[1]), epilogue: .multiplying($0[2])) },
        "rmsNorm": { try $0[0].rmsNorm(weight: $0[1], epsilon: 1e-3, shift: 1) },
        "layerNorm": { try $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-3) },
        "rotated": { try rotate($0[0]) },
        "attention": { try attend($0, scale: 0.5) }, "attentionWindow": { try attend($0, scale: 0.5, window: 2) },
        "attentionCap": { try attend($0, scale: 0.7, cap: 1.5) },
        "attentionBoth": { try attend($0, scale: 0.7, cap: 1.5, window: 3) },
    ]

    nonisolated static let names = operations.keys.sorted()

    @Test("Every differentiable operation is in the fixture")
    func complete() throws {
        #expect(try Set(Self.cases().compactMap { $0["name"]?.stringValue }) == Set(Self.names))
    }

    @Test("Values and gradients are torch's", arguments: names)
    func gradients(name: String) throws {
        let handles = TorchLibrary.liveHandles
        do {
            let expected = try #require(Self.cases().first { $0["name"]?.stringValue == name })
            let operation = try #require(Self.operations[name])
            let inputs = try expected.elements("inputs").map { try Self.tensor($0) }
            for input in inputs { try input.setRequiresGradient(true) }
            let output = try operation(inputs)
            #expect(try relativeError(output.doubles(), expected.numbers("output")) <= 1e-6)
            let weights = (0..<output.count).map { Float(sin(Double($0 + 1))) }
            try output.reshaped([output.count]).multiplying(Tensor.holding(weights, [output.count])).total()
                .backward()
            for (input, entry) in zip(inputs, try expected.elements("inputs")) {
                let gradient = try #require(try input.gradient())
                #expect(gradient.shape == input.shape)
                #expect(try relativeError(gradient.doubles(), entry.numbers("gradient")) <= 1e-5)
            }
        }
        #expect(TorchLibrary.liveHandles == handles)
    }

    @Test("What is computed without derivatives, by fused loops, is the same", arguments: names)
    func fused(name: String) throws {
        let expected = try #require(Self.cases().first { $0["name"]?.stringValue == name })
        let operation = try #require(Self.operations[name])
        let inputs = try expected.elements("inputs").map { try Self.tensor($0) }
        let wanted = try expected.numbers("output")
        #expect(try relativeError(noGradDoubles(operation, inputs), wanted) <= 1e-6)
        // Half precision rounds inputs and result to 8 bits; some of these operations multiply the error.
        let half = try inputs.map { try $0.converted(to: .bfloat16) }
        #expect(try relativeError(noGradDoubles(operation, half), wanted) <= 0.05)
    }

    private func noGradDoubles(_ operation: Operation, _ inputs: [Tensor]) throws -> [Double] {
        let table = try TorchLibrary.table()
        let before = table.pointee.set_grad_enabled(0)
        defer { _ = table.pointee.set_grad_enabled(before) }
        return try operation(inputs).doubles()
    }

    /// An independent check of the check: central differences in double precision.
    @Test(
        "Gradients are the finite differences of the loss",
        arguments: [
            "tanh", "gelu", "logSumExp", "softmax", "dividing", "matrixProduct", "layerNorm", "linearSilu",
        ])
    func finiteDifferences(name: String) throws {
        let operation = try #require(Self.operations[name])
        let entries = try #require(Self.cases().first { $0["name"]?.stringValue == name }).elements("inputs")
        let inputs = try entries.map { try Self.tensor($0).converted(to: .float64) }
        func loss(_ inputs: [Tensor]) throws -> Tensor { try operation(inputs).applying(.square).total() }
        let leaves = try inputs.map { try $0.copied(to: .float64) }
        for leaf in leaves { try leaf.setRequiresGradient(true) }
        try loss(leaves).backward()
        let step = 1e-5
        for (index, leaf) in leaves.enumerated() {
            let gradient = try #require(try leaf.gradient()).doubles()
            for element in 0..<leaf.count {
                var difference = 0.0
                for sign in [1.0, -1.0] {
                    var moved = inputs
                    moved[index] = try Self.moving(inputs[index], element, by: sign * step)
                    difference += sign * (try loss(moved).scalar())
                }
                let estimate = difference / (2 * step)
                #expect(abs(estimate - gradient[element]) <= 1e-6 * max(1, abs(estimate)))
            }
        }
    }

    private static func moving(_ tensor: Tensor, _ element: Int, by step: Double) throws -> Tensor {
        var unit = [Float](repeating: 0, count: tensor.count)
        unit[element] = 1
        return try tensor.adding(Tensor.holding(unit, tensor.shape).converted(to: .float64).scaled(by: step))
    }

    private nonisolated static let fixture = Result {
        try JSONValue(readingFile: TorchFixtures.folder + "/derivatives.json").elements("cases")
    }

    private static func cases() throws -> [JSONValue] { try fixture.get() }

    private static func tensor(_ entry: JSONValue) throws -> Tensor {
        try Tensor.holding(entry.numbers("values").map { Float($0) }, entry.integers("shape"))
    }

    private static func rotate(_ x: Tensor) throws -> Tensor {
        let angles = (0..<6).flatMap { [Double($0), Double($0) / 10] }
        return try x.rotated(
            cosines: Tensor.holding(angles.map { Float(cos($0)) }, [6, 2]),
            sines: Tensor.holding(angles.map { Float(sin($0)) }, [6, 2]), positions: [0, 5, 2])
    }

    /// Rows 0 to 2 are shared; rows 3, 4 and rows 5, 6 go on from them apart.
    private static func attend(
        _ inputs: [Tensor], scale: Double, cap: Double? = nil, window: Int? = nil
    ) throws -> Tensor {
        var map = SegmentMap()
        map.append(queries: 0..<3, keys: [.init(rows: 0..<3)])
        map.append(queries: 3..<5, keys: [.init(rows: 0..<5)])
        map.append(queries: 5..<7, keys: [.init(rows: 0..<3), .init(rows: 5..<7)])
        return try Tensor.attention(
            queries: inputs[0], keys: inputs[1], values: inputs[2], segments: map,
            shape: AttentionShape(heads: 4, kvHeads: 2, headWidth: 3, scale: scale, softCap: cap, window: window))
    }
}

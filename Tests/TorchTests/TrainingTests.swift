import Diagnostics
import JSON
import Testing

@testable import Torch

@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct TrainingTests {
    @Test("Twenty AdamW steps are torch's, for a parameter that has no gradient at some steps too")
    func adamW() throws {
        let handles = TorchLibrary.liveHandles
        do {
            let expected = try JSONValue(readingFile: TorchFixtures.folder + "/adamw.json")
            func tensor(_ key: String, _ shape: [Int]) throws -> Tensor {
                try Tensor.holding(expected.numbers(key).map { Float($0) }, shape)
            }
            let (x, y) = (try tensor("x", [5, 3]), try tensor("y", [5, 2]))
            let (p, q) = (try tensor("p", [3, 2]), try tensor("q", [4]))
            for parameter in [p, q] { try parameter.setRequiresGradient(true) }
            let optimizer = try AdamW([p, q], settings: Self.settings(expected))
            for (index, step) in try expected.elements("steps").enumerated() {
                try optimizer.clearGradients()
                var loss = try x.matrixProduct(p).subtracting(y).applying(.square).total()
                if index % 3 == 0 { loss = try loss.adding(q.applying(.square).applying(.square).total()) }
                #expect(try relativeError([loss.scalar()], [#require(step["loss"]?.doubleValue)]) <= 1e-5)
                try loss.backward()
                try optimizer.step()
                #expect(try relativeError(p.doubles(), step.numbers("p")) <= 1e-5)
                #expect(try relativeError(q.doubles(), step.numbers("q")) <= 1e-5)
            }
            #expect(optimizer.steps == [20, 7])
        }
        #expect(TorchLibrary.liveHandles == handles)
    }

    private static func settings(_ expected: JSONValue) throws -> AdamW.Settings {
        func number(_ key: String) throws -> Double { try #require(expected[key]?.doubleValue) }
        var settings = AdamW.Settings(
            learningRate: try number("learning_rate"), weightDecay: try number("weight_decay"))
        (settings.beta1, settings.beta2) = (try number("beta1"), try number("beta2"))
        settings.epsilon = try number("epsilon")
        return settings
    }

    @Test("A parameter that lies transposed in memory steps as its copy does")
    func strides() throws {
        let values = try Tensor.mixed(3, [3, 4])
        func trained(_ parameter: Tensor) throws -> [Double] {
            try parameter.setRequiresGradient(true)
            let optimizer = try AdamW([parameter], settings: .init(learningRate: 0.1))
            let weights = try Tensor.mixed(4, [4, 3])
            for _ in 0..<3 {
                try optimizer.clearGradients()
                try parameter.multiplying(weights).applying(.square).total().backward()
                try optimizer.step()
            }
            return try parameter.doubles()
        }
        let transposed = try noGrad { () throws(Diagnostic) in try values.transposed(0, 1).detached() }
        let copy = try Tensor.holding(transposed.floats(), [4, 3])
        #expect(try relativeError(trained(transposed), trained(copy)) <= 1e-6)
    }

    @Test("Bfloat16 parameters step towards the minimum")
    func halfPrecision() throws {
        let parameter = try Tensor.full(1, shape: [8], type: .bfloat16)
        try parameter.setRequiresGradient(true)
        let optimizer = try AdamW([parameter], settings: .init(learningRate: 0.05))
        for _ in 0..<40 {
            try optimizer.clearGradients()
            try parameter.applying(.square).total().backward()
            try optimizer.step()
        }
        #expect(try parameter.doubles().allSatisfy { abs($0) < 0.2 })
    }

    @Test("Gradients add up until they are cleared, and are none before the first")
    func accumulation() throws {
        let x = try Tensor.holding([1, 2], [2])
        try x.setRequiresGradient(true)
        #expect(try x.gradient() == nil)
        for _ in 0..<2 { try x.applying(.square).total().backward() }
        #expect(try x.gradient()?.doubles() == [4, 8])
        try x.clearGradient()
        #expect(try x.gradient() == nil)
    }

    @Test("Scopes without derivatives nest, and end where an error leaves them")
    func scopes() throws {
        let x = try Tensor.holding([3], [1])
        try x.setRequiresGradient(true)
        func isRecording() -> Bool { (try? x.applying(.square).total().backward()) != nil }
        #expect(isRecording())
        try noGrad { () throws(Diagnostic) in
            #expect(!isRecording())
            try grad { () throws(Diagnostic) in
                #expect(isRecording())
                try noGrad { () throws(Diagnostic) in #expect(!isRecording()) }
                #expect(isRecording())
            }
            #expect(!isRecording())
        }
        #expect(isRecording())
        #expect(throws: Diagnostic.self) {
            try noGrad { () throws(Diagnostic) in throw Diagnostic(.usage, "left early") }
        }
        #expect(isRecording())
    }

    @Test("A detached tensor cuts the derivative; a loss of several numbers is refused")
    func edges() throws {
        let x = try Tensor.holding([1, 2], [2])
        try x.setRequiresGradient(true)
        try x.multiplying(x.detached()).total().backward()
        #expect(try x.gradient()?.doubles() == [1, 2])
        let error = try #require(throws: Diagnostic.self) { try x.applying(.square).backward() }
        #expect(error.message.contains("single number"))
        #expect(throws: Diagnostic.self) { try Tensor.full(1, shape: []).backward() }
        #expect(throws: Diagnostic.self) { try Tensor.full(1, shape: [2], type: .int64).setRequiresGradient(true) }
    }
}

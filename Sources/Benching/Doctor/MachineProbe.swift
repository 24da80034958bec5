import Diagnostics
import Torch

/// How fast this machine multiplies matrices and copies memory: a short measurement, not a benchmark.
public struct MachineProbe: Sendable {
    /// The product of x [rows, width] with a weight [out, width], a linear layer of a 0.5-billion-parameter model.
    public struct Product: Sendable {
        public var elementType: ElementType
        /// 10¹² floating-point operations a second, with the weight as it is stored.
        public var plain: Double
        /// The same with the weight reordered once for the processor's matrix units, as scoring has it.
        public var packed: Double
    }

    public static let rows = 512, width = 896, out = 4864

    public var products: [Product]
    /// Bytes read and written a second, copying more than the caches hold.
    public var bandwidth: Double

    /// How long each of the five measurements goes on.
    private static let time = 0.4

    @TensorActor
    init() throws(Diagnostic) {
        products = []
        for type in [ElementType.float32, .bfloat16] { products.append(try Self.product(type)) }
        bandwidth = try Self.copying()
    }

    @TensorActor
    private static func product(_ type: ElementType) throws(Diagnostic) -> Product {
        let x = try Tensor.random(.normal, seed: 1, shape: [rows, width], type: type)
        let weight = try Tensor.random(.normal, seed: 2, shape: [out, width], type: type)
        let packed = try LinearWeight.packing(weight, rows: rows, device: .cpu)
        return Product(
            elementType: type, plain: try rate(x, LinearWeight(weight)), packed: try rate(x, packed))
    }

    @TensorActor
    private static func rate(_ x: Tensor, _ weight: LinearWeight) throws(Diagnostic) -> Double {
        let seconds = try best { () throws(Diagnostic) in _ = try x.linear(weight) }
        return 2 * Double(rows * width * out) / seconds / 1e12
    }

    @TensorActor
    private static func copying() throws(Diagnostic) -> Double {
        let values = try Tensor.full(1, shape: [32 << 20])
        let seconds = try best { () throws(Diagnostic) in _ = try values.copied(to: .float32) }
        return 2 * Double(values.count * ElementType.float32.size) / seconds
    }

    /// The shortest time of a call, in seconds: what else runs on the machine only makes it longer.
    @TensorActor
    private static func best(_ body: () throws(Diagnostic) -> Void) throws(Diagnostic) -> Double {
        try body()
        let start = ContinuousClock.now
        var best = Double.infinity
        repeat {
            let before = ContinuousClock.now
            try body()
            best = min(best, before.duration(to: .now) / .seconds(1))
        } while start.duration(to: .now) / .seconds(1) < time
        return best
    }
}

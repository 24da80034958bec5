import CTorch
import Diagnostics

/// A linear layer's weight [out, in], held as the arithmetic wants it: plain, or reordered once for the processor's
/// matrix units, after which the plain weight can be given back.
public struct LinearWeight {
    let tensor: Tensor
    let isPacked: Bool
    /// Extents [out, in].
    public let shape: [Int]

    public init(_ plain: Tensor) {
        tensor = plain
        isPacked = false
        shape = plain.shape
    }

    /// The weight as it was given; `nil` where it is held reordered.
    public var plain: Tensor? { isPacked ? nil : tensor }

    private init(packed: Tensor, shape: [Int]) {
        tensor = packed
        isPacked = true
        self.shape = shape
    }

    /// The weight reordered for batches of about `rows` rows; the same weight where libtorch cannot (other processors,
    /// devices and element types). A packed weight is not differentiable.
    public static func packing(_ plain: Tensor, rows: Int, device: Device) throws(Diagnostic) -> LinearWeight {
        let table = try TorchLibrary.table()
        let canPack = device == .cpu && table.pointee.has_packed_linear() != 0
        guard canPack, plain.elementType == .float32 || plain.elementType == .bfloat16 else {
            return LinearWeight(plain)
        }
        let packed = try Tensor.make(keeping: [plain]) { $0.pointee.pack_linear(plain.handle, Int64(rows), $1) }
        return LinearWeight(packed: packed, shape: plain.shape)
    }
}

extension Tensor {
    /// What a linear layer does to its result before it is written, without another pass over memory.
    public enum Epilogue {
        case none, silu, gelu, geluTanh
        case adding(Tensor)
        case multiplying(Tensor)

        var code: AssayEpilogue {
            switch self {
            case .none: AssayEpilogue(ASSAY_EPILOGUE_NONE)
            case .silu: AssayEpilogue(ASSAY_EPILOGUE_SILU)
            case .gelu: AssayEpilogue(ASSAY_EPILOGUE_GELU)
            case .geluTanh: AssayEpilogue(ASSAY_EPILOGUE_GELU_TANH)
            case .adding: AssayEpilogue(ASSAY_EPILOGUE_ADD)
            case .multiplying: AssayEpilogue(ASSAY_EPILOGUE_MULTIPLY)
            }
        }

        var operand: Tensor? {
            switch self {
            case .adding(let other), .multiplying(let other): other
            case .none, .silu, .gelu, .geluTanh: nil
            }
        }
    }

    /// `epilogue(x · weightᵀ + bias)`: x [rows, in] → [rows, out].
    public func linear(
        _ weight: LinearWeight, bias: Tensor? = nil, epilogue: Epilogue = .none
    ) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, weight.tensor, bias, epilogue.operand]) { table, out in
            table.pointee.linear(
                handle, weight.tensor.handle, weight.isPacked ? 1 : 0, bias?.handle, epilogue.code,
                epilogue.operand?.handle, out)
        }
    }

    /// Root-mean-square norm over the last dimension (Zhang & Sennrich 2019): x / √(mean(x²) + ε) · (weight + shift), in
    /// float32 inside. Gemma stores weight − 1, hence `shift`.
    public func rmsNorm(weight: Tensor, epsilon: Double, shift: Double = 0) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, weight]) { $0.pointee.rms_norm(handle, weight.handle, epsilon, shift, $1) }
    }

    /// silu(self) · up, elementwise (Shazeer 2020), in one loop each way.
    public func gating(_ up: Tensor) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, up]) { $0.pointee.swiglu(handle, up.handle, $1) }
    }

    public func layerNorm(weight: Tensor, bias: Tensor?, epsilon: Double) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, weight, bias]) { table, out in
            table.pointee.layer_norm(handle, weight.handle, bias?.handle, epsilon, out)
        }
    }

    /// Rotary position embedding (Su et al. 2021) of x [rows, heads, width]: columns i and i + pairs of each head turn by
    /// the angle of (position, i). `cosines` and `sines` are [positions, pairs], float32.
    public func rotated(cosines: Tensor, sines: Tensor, positions: [Int64]) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, cosines, sines]) { table, out in
            table.pointee.rotate(handle, cosines.handle, sines.handle, positions, Int64(positions.count), out)
        }
    }
}

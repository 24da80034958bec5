import CTorch
import Diagnostics

extension Tensor {
    public enum Function: Sendable {
        case negate, exp, log, sqrt, tanh, sigmoid, logSigmoid, silu, gelu, geluTanh, relu, abs, square, reciprocalSqrt

        var code: AssayUnary {
            switch self {
            case .negate: AssayUnary(ASSAY_NEGATE)
            case .exp: AssayUnary(ASSAY_EXP)
            case .log: AssayUnary(ASSAY_LOG)
            case .sqrt: AssayUnary(ASSAY_SQRT)
            case .tanh: AssayUnary(ASSAY_TANH)
            case .sigmoid: AssayUnary(ASSAY_SIGMOID)
            case .logSigmoid: AssayUnary(ASSAY_LOG_SIGMOID)
            case .silu: AssayUnary(ASSAY_SILU)
            case .gelu: AssayUnary(ASSAY_GELU)
            case .geluTanh: AssayUnary(ASSAY_GELU_TANH)
            case .relu: AssayUnary(ASSAY_RELU)
            case .abs: AssayUnary(ASSAY_ABS)
            case .square: AssayUnary(ASSAY_SQUARE)
            case .reciprocalSqrt: AssayUnary(ASSAY_RECIPROCAL_SQRT)
            }
        }
    }

    public enum Reduction: Sendable {
        case sum, mean, max, argmax, logSumExp, softmax, logSoftmax

        var code: AssayReduction {
            switch self {
            case .sum: AssayReduction(ASSAY_SUM)
            case .mean: AssayReduction(ASSAY_MEAN)
            case .max: AssayReduction(ASSAY_MAX)
            case .argmax: AssayReduction(ASSAY_ARGMAX)
            case .logSumExp: AssayReduction(ASSAY_LOG_SUM_EXP)
            case .softmax: AssayReduction(ASSAY_SOFTMAX)
            case .logSoftmax: AssayReduction(ASSAY_LOG_SOFTMAX)
            }
        }
    }

    /// The function of every element.
    public func applying(_ function: Function) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { $0.pointee.unary(function.code, handle, $1) }
    }

    /// Reduces along one dimension (softmax and log-softmax keep the shape).
    public func reduced(_ reduction: Reduction, dimension: Int, keeping: Bool = false) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.reduce(reduction.code, handle, Int32(dimension), keeping ? 1 : 0, out)
        }
    }

    /// `scale * x + shift`
    public func scaled(by scale: Double, plus shift: Double = 0) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { $0.pointee.affine(handle, scale, shift, $1) }
    }

    public func clamped(_ range: ClosedRange<Double>) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { $0.pointee.clamp(handle, range.lowerBound, range.upperBound, $1) }
    }

    public func adding(_ other: Tensor) throws(Diagnostic) -> Tensor { try combined(AssayBinary(ASSAY_ADD), other) }
    public func subtracting(_ other: Tensor) throws(Diagnostic) -> Tensor {
        try combined(AssayBinary(ASSAY_SUBTRACT), other)
    }
    public func multiplying(_ other: Tensor) throws(Diagnostic) -> Tensor {
        try combined(AssayBinary(ASSAY_MULTIPLY), other)
    }
    public func dividing(by other: Tensor) throws(Diagnostic) -> Tensor {
        try combined(AssayBinary(ASSAY_DIVIDE), other)
    }
    public func maximum(_ other: Tensor) throws(Diagnostic) -> Tensor {
        try combined(AssayBinary(ASSAY_MAXIMUM), other)
    }
    public func minimum(_ other: Tensor) throws(Diagnostic) -> Tensor {
        try combined(AssayBinary(ASSAY_MINIMUM), other)
    }

    /// Matrix product over the last two dimensions, batched over the others.
    public func matrixProduct(_ other: Tensor) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, other]) { $0.pointee.matmul(handle, other.handle, $1) }
    }

    private func combined(_ function: AssayBinary, _ other: Tensor) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self, other]) { $0.pointee.binary(function, handle, other.handle, $1) }
    }

    /// The sum of all elements as one number that can be differentiated.
    public func total() throws(Diagnostic) -> Tensor { try reshaped([count]).reduced(.sum, dimension: 0) }

    /// The mean of all elements as one number that can be differentiated.
    public func average() throws(Diagnostic) -> Tensor { try reshaped([count]).reduced(.mean, dimension: 0) }
}

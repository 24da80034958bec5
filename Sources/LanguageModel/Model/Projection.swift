import Diagnostics
import Torch

/// A linear layer: weight [out, in], bias [out] or none.
struct Projection {
    var weight: LinearWeight
    var bias: Tensor?
    /// What is learned beside the frozen weight, where it is.
    var adapter: LowRankAdapter?

    func callAsFunction(_ x: Tensor, epilogue: Tensor.Epilogue = .none) throws(Diagnostic) -> Tensor {
        guard let adapter else { return try x.linear(weight, bias: bias, epilogue: epilogue) }
        return try x.linear(weight, bias: bias, epilogue: .adding(try adapter(x))).finished(with: epilogue)
    }
}

/// LoRA (Hu et al. 2021): scale · x · downᵀ · upᵀ beside a frozen projection. `down` [rank, in], `up` [out, rank].
struct LowRankAdapter {
    let down: Tensor
    let up: Tensor
    /// α / rank.
    let scale: Double

    func callAsFunction(_ x: Tensor) throws(Diagnostic) -> Tensor {
        try x.linear(LinearWeight(down)).linear(LinearWeight(up)).scaled(by: scale)
    }

    /// scale · up · down, [out, in]: what the adapter adds to the weight.
    func product() throws(Diagnostic) -> Tensor { try up.matrixProduct(down).scaled(by: scale) }
}

extension Tensor {
    /// An epilogue as an operation of its own.
    func finished(with epilogue: Epilogue) throws(Diagnostic) -> Tensor {
        switch epilogue {
        case .none: self
        case .silu: try applying(.silu)
        case .gelu: try applying(.gelu)
        case .geluTanh: try applying(.geluTanh)
        case .adding(let other): try adding(other)
        case .multiplying(let other): try multiplying(other)
        }
    }
}

/// A normalisation over the hidden width.
enum Norm {
    case rootMeanSquare(weight: Tensor, epsilon: Double, shift: Double)
    case layer(weight: Tensor, bias: Tensor, epsilon: Double)

    func callAsFunction(_ x: Tensor) throws(Diagnostic) -> Tensor {
        switch self {
        case .rootMeanSquare(let weight, let epsilon, let shift):
            try x.rmsNorm(weight: weight, epsilon: epsilon, shift: shift)
        case .layer(let weight, let bias, let epsilon):
            try x.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
        }
    }
}

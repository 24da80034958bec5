import Diagnostics
import Torch

/// A linear layer: weight [out, in], bias [out] or none.
struct Projection {
    let weight: LinearWeight
    let bias: Tensor?

    func callAsFunction(_ x: Tensor, epilogue: Tensor.Epilogue = .none) throws(Diagnostic) -> Tensor {
        try x.linear(weight, bias: bias, epilogue: epilogue)
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

import CTorch
import Diagnostics

/// Runs `body` without recording for derivatives. Synchronous, because the mode belongs to the thread.
public func noGrad<Result>(_ body: () throws(Diagnostic) -> Result) throws(Diagnostic) -> Result {
    try withGrad(enabled: false, body)
}

/// Runs `body` with recording for derivatives.
public func grad<Result>(_ body: () throws(Diagnostic) -> Result) throws(Diagnostic) -> Result {
    try withGrad(enabled: true, body)
}

private func withGrad<Result>(
    enabled: Bool, _ body: () throws(Diagnostic) -> Result
) throws(Diagnostic) -> Result {
    let table = try TorchLibrary.table()
    let before = table.pointee.set_grad_enabled(enabled ? 1 : 0)
    defer { _ = table.pointee.set_grad_enabled(before) }
    return try body()
}

extension Tensor {
    /// Marks a leaf whose gradient ``backward()`` accumulates.
    public func setRequiresGradient(_ required: Bool) throws(Diagnostic) {
        try Tensor.perform(on: [self]) { $0.pointee.set_requires_grad(handle, required ? 1 : 0) }
    }

    /// The same numbers, cut off from what made them.
    public func detached() throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { $0.pointee.detach(handle, $1) }
    }

    /// Accumulates the derivative of this one number into every leaf that requires it.
    public func backward() throws(Diagnostic) { try Tensor.perform(on: [self]) { $0.pointee.backward(handle) } }

    /// What ``backward()`` has accumulated here; `nil` before the first.
    public func gradient() throws(Diagnostic) -> Tensor? {
        let table = try TorchLibrary.table()
        var found: AssayTensorRef?
        try TorchLibrary.check(withExtendedLifetime(self) { table.pointee.gradient(handle, &found) })
        return found.map { Tensor(owning: $0, table: table) }
    }

    public func clearGradient() throws(Diagnostic) {
        try Tensor.perform(on: [self]) { $0.pointee.clear_gradient(handle) }
    }
}

extension Tensor {
    /// Accumulates Σ slopes[i] · ∂self[i]/∂leaf into every leaf that requires it: an objective's derivative with respect to
    /// each of these numbers is all that it takes.
    public func backward(from slopes: [Double]) throws(Diagnostic) {
        try Tensor.perform(on: [self]) { $0.pointee.backward_from(handle, slopes, Int64(slopes.count)) }
    }

    /// Lets ``backward()`` accumulate in `gradient`, which has this tensor's shape and type.
    public func setGradient(_ gradient: Tensor) throws(Diagnostic) {
        try Tensor.perform(on: [self, gradient]) { $0.pointee.set_gradient(handle, gradient.handle) }
    }

    /// Copies the numbers of `source` over these, in place, without a graph.
    public func assign(_ source: Tensor) throws(Diagnostic) {
        try Tensor.perform(on: [self, source]) { $0.pointee.assign(handle, source.handle) }
    }

    /// Multiplies in place, without a graph; a scale of 0 clears also what is not a number.
    public func multiplyInPlace(by scale: Double) throws(Diagnostic) {
        try Tensor.perform(on: [self]) { $0.pointee.assign_scaled(handle, scale) }
    }

    /// √Σx², summed in double precision.
    public func norm() throws(Diagnostic) -> Double {
        var result = 0.0
        try Tensor.perform(on: [self]) { $0.pointee.norm(handle, &result) }
        return result
    }
}

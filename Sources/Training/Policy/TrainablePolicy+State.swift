import Diagnostics
import LanguageModel
import Torch

/// A policy's weights and its optimiser's state at one moment. Not `Sendable`, as tensors are not.
public struct PolicyState {
    let weights: Tensor
    let firstMoment: Tensor
    let secondMoment: Tensor
    let steps: Int
}

extension TrainablePolicy {
    /// A copy of the weights and of the optimiser's state.
    public func snapshot() throws(Diagnostic) -> PolicyState {
        let state = current
        return PolicyState(
            weights: try state.weights.copied(to: .float32), firstMoment: try state.firstMoment.copied(to: .float32),
            secondMoment: try state.secondMoment.copied(to: .float32), steps: state.steps)
    }

    /// Goes back to a snapshot of this policy or of one of the same shape.
    public func restore(_ state: PolicyState) throws(Diagnostic) {
        guard state.weights.count == parameterCount else {
            throw Diagnostic(
                .badData, "a state of \(state.weights.count) weights does not fit a policy of \(parameterCount)",
                remedy: "Resume with the settings that the state was written with")
        }
        try weights.assign(state.weights)
        try optimizer.restore(
            steps: [state.steps], firstMoments: [state.firstMoment], secondMoments: [state.secondMoment])
    }

    /// The state itself, which the next update changes.
    private var current: PolicyState {
        PolicyState(
            weights: weights, firstMoment: optimizer.firstMoments[0], secondMoment: optimizer.secondMoments[0],
            steps: optimizer.steps[0])
    }

    /// Copies the weights (not the optimiser's state) of another policy of the same shape.
    public func copyWeights(from other: TrainablePolicy) throws(Diagnostic) {
        guard other.parameterCount == parameterCount else {
            throw Diagnostic(.internalFailure, "policies of different shapes cannot share weights")
        }
        try weights.assign(other.weights)
    }

    /// The weights at this moment, flat: for digests and tests of equality to the bit.
    public func weightValues() throws(Diagnostic) -> [Float] { try weights.floats() }
}

extension PolicyState {
    /// Writes the state whole or not at all.
    public func write(to path: String) throws(Diagnostic) {
        try SafetensorsWriter.write(
            ["weights": weights, "first_moment": firstMoment, "second_moment": secondMoment],
            metadata: ["format": "pt", "steps": String(steps)], to: path)
    }

    /// - Throws: `inputMissing` where the file is not there; `badData` where it is no state.
    public init(readingFrom path: String) throws(Diagnostic) {
        let file = try SafetensorsFile(path: path)
        guard let steps = file.metadata["steps"].flatMap({ Int($0) }) else {
            throw Diagnostic(
                .badData, "this is no training state", at: .init(file: path), remedy: "Start the run anew")
        }
        self.init(
            weights: try file.tensor("weights").copied(to: .float32),
            firstMoment: try file.tensor("first_moment").copied(to: .float32),
            secondMoment: try file.tensor("second_moment").copied(to: .float32), steps: steps)
    }
}

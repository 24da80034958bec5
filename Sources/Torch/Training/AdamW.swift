import CTorch
import Diagnostics

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2), with bias correction.
///
/// Parameters whose gradient is missing are left alone, their moments too.
public final class AdamW {
    public struct Settings: Sendable, Hashable {
        public var learningRate = 1e-3
        public var beta1 = 0.9
        public var beta2 = 0.999
        public var epsilon = 1e-8
        /// Per step, times the learning rate.
        public var weightDecay = 0.01

        public init(
            learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
            weightDecay: Double = 0.01
        ) {
            self.learningRate = learningRate
            self.beta1 = beta1
            self.beta2 = beta2
            self.epsilon = epsilon
            self.weightDecay = weightDecay
        }
    }

    public var settings: Settings
    public let parameters: [Tensor]
    /// Steps taken, counted a parameter because one without a gradient does not move.
    public private(set) var steps: [Int]
    /// Running means of gradients and of their squares, one a parameter.
    public let firstMoments: [Tensor]
    public let secondMoments: [Tensor]

    /// - Parameter parameters: leaves that require gradients.
    public init(_ parameters: [Tensor], settings: Settings = Settings()) throws(Diagnostic) {
        self.parameters = parameters
        self.settings = settings
        steps = Array(repeating: 0, count: parameters.count)
        firstMoments = try Self.zeros(like: parameters)
        secondMoments = try Self.zeros(like: parameters)
    }

    private static func zeros(like tensors: [Tensor]) throws(Diagnostic) -> [Tensor] {
        var zeros: [Tensor] = []
        for tensor in tensors {
            zeros.append(try noGrad { () throws(Diagnostic) in try tensor.scaled(by: 0).detached() })
        }
        return zeros
    }

    /// Moves every parameter that has a gradient, in place.
    public func step() throws(Diagnostic) {
        var moving: [Int: [(index: Int, gradient: Tensor)]] = [:]
        for (index, parameter) in parameters.enumerated() {
            guard let gradient = try parameter.gradient() else { continue }
            steps[index] += 1
            moving[steps[index], default: []].append((index, gradient))
        }
        for (step, group) in moving.sorted(by: { $0.key < $1.key }) { try move(group, step: step) }
    }

    /// Goes on from where another optimiser of the same parameters stood.
    public func restore(steps: [Int], firstMoments first: [Tensor], secondMoments second: [Tensor]) throws(Diagnostic) {
        guard steps.count == parameters.count, first.count == steps.count, second.count == steps.count else {
            throw Diagnostic(.badData, "an optimiser's state does not fit its parameters")
        }
        self.steps = steps
        for index in steps.indices {
            try firstMoments[index].assign(first[index])
            try secondMoments[index].assign(second[index])
        }
    }

    public func clearGradients() throws(Diagnostic) { for parameter in parameters { try parameter.clearGradient() } }

    private func move(_ group: [(index: Int, gradient: Tensor)], step: Int) throws(Diagnostic) {
        var values = AssayAdamW(
            learning_rate: settings.learningRate, beta1: settings.beta1, beta2: settings.beta2,
            epsilon: settings.epsilon, weight_decay: settings.weightDecay)
        let gradients = group.map(\.gradient)
        try Tensor.perform(on: parameters + gradients + firstMoments + secondMoments) { table in
            table.pointee.adamw(
                group.map { Optional(parameters[$0.index].handle) }, gradients.map { Optional($0.handle) },
                group.map { Optional(firstMoments[$0.index].handle) },
                group.map { Optional(secondMoments[$0.index].handle) }, Int32(group.count), Int64(step), &values)
        }
    }
}

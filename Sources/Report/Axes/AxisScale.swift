import Experiment

/// How an axis turns a number into a place in the picture.
struct AxisScale {
    enum Kind: Equatable {
        case linear, log
        /// Names at 0, 1, 2, …
        case categorical([String])
    }

    let kind: Kind
    /// The ends, on the scale that is drawn: logarithms for a logarithmic axis.
    var extent: Extent
    /// The places of the ends in pixels; `end` is less than `start` where numbers grow upwards.
    var start = 0.0
    var end = 1.0

    var isLog: Bool { kind == .log }

    /// Whether a number has a place on an axis of this kind.
    static func canShow(_ value: Double, on kind: Kind) -> Bool {
        guard value.isFinite, value.magnitude <= Extent.greatest else { return false }
        switch kind {
        case .linear: return true
        case .log: return value >= 1e-290
        case .categorical(let names): return value > -0.5 && value < Double(names.count) - 0.5
        }
    }

    /// A number on the scale that is drawn; −∞ for what lies below every place of a logarithmic axis.
    static func drawn(_ value: Double, on kind: Kind) -> Double {
        guard kind == .log else { return min(max(value, -2 * Extent.greatest), 2 * Extent.greatest) }
        return value > 0 ? decimalLogarithm(max(value, 1e-300)) : -1e3
    }

    /// The place of a number in pixels: finite, and where it lies outside the axis no further than a million axis lengths.
    func place(_ value: Double) -> Double {
        let share = (Self.drawn(value, on: kind) - extent.low) / (extent.high - extent.low)
        return start + min(max(share, -1e6), 1e6) * (end - start)
    }

    /// Whether a number lies within the frame.
    func contains(_ value: Double) -> Bool {
        let place = Self.drawn(value, on: kind)
        let slack = (extent.high - extent.low) * 1e-9
        return place >= extent.low - slack && place <= extent.high + slack
    }

    /// The ends as numbers.
    var low: Double { isLog ? decimalExponential(extent.low) : extent.low }
    var high: Double { isLog ? decimalExponential(extent.high) : extent.high }

    /// How many pixels the axis is long.
    var length: Double { (end - start).magnitude }
}

extension AxisScale.Kind {
    init(_ axis: Figure.Axis) {
        if let names = axis.categories, !names.isEmpty {
            self = .categorical(names)
        } else {
            self = axis.scale == .log ? .log : .linear
        }
    }

    var isCategorical: Bool { if case .categorical = self { true } else { false } }
}

import Diagnostics
import JSON
import RealModule

/// Rotary position embedding as a checkpoint sets it (Su et al. 2021).
public struct RotaryConfiguration: Sendable, Hashable {
    public enum Scaling: Sendable, Hashable {
        case none
        /// Positions divided by the factor (Chen et al. 2023).
        case linear(factor: Double)
        /// Llama 3.1's scaling by wavelength: long waves are stretched by the factor, short ones kept, with a ramp between.
        case llama3(factor: Double, low: Double, high: Double, original: Int)
    }

    public var theta: Double
    /// Columns of a head that are rotated.
    public var width: Int
    public var scaling: Scaling

    /// Angular speed of each column pair, radians a position: [width / 2].
    public var speeds: [Double] {
        (0..<width / 2).map { pair in
            scaled(Double.pow(theta, -2 * Double(pair) / Double(width)))
        }
    }

    private func scaled(_ speed: Double) -> Double {
        switch scaling {
        case .none: return speed
        case .linear(let factor): return speed / factor
        case .llama3(let factor, let low, let high, let original):
            let wavelength = 2 * Double.pi / speed
            if wavelength < Double(original) / high { return speed }
            if wavelength > Double(original) / low { return speed / factor }
            let ramp = (Double(original) / wavelength - low) / (high - low)
            return (1 - ramp) * speed / factor + ramp * speed
        }
    }
}

extension RotaryConfiguration {
    /// Reads `rope_parameters` (one map) or the older `rope_theta` with `rope_scaling`.
    init(_ reader: ConfigReader, headWidth: Int) throws(Diagnostic) {
        let parameters = try reader.nested("rope_parameters")
        let scaling = if let parameters { parameters } else { try reader.nested("rope_scaling") }
        let inner = parameters ?? reader
        var theta = try inner.positive(optional: "rope_theta")
        for key in ["rope_theta", "rotary_emb_base"] where theta == nil { theta = try reader.positive(optional: key) }
        var fraction = try inner.double(optional: "partial_rotary_factor")
        if fraction == nil { fraction = try reader.double(anyOf: ["partial_rotary_factor", "rotary_pct"]) }
        self.init(
            theta: theta ?? 10_000, width: try Self.width(fraction ?? 1, headWidth: headWidth, reader),
            scaling: try Self.scaling(scaling))
    }

    private static func width(
        _ fraction: Double, headWidth: Int, _ reader: ConfigReader
    ) throws(Diagnostic) -> Int {
        guard (0...1).contains(fraction) else { throw reader.wrong("rotary_pct", "a number from 0 to 1") }
        let width = Int(Double(headWidth) * fraction)
        guard width % 2 == 0 else {
            throw fraction == 1
                ? reader.wrong("head_dim", "even, for columns turn in pairs (here \(headWidth) columns)")
                : reader.wrong("rotary_pct", "a share that leaves an even number of the \(headWidth) columns")
        }
        return width
    }

    private static func scaling(_ reader: ConfigReader?) throws(Diagnostic) -> Scaling {
        guard let reader else { return .none }
        let kind = try reader.string(anyOf: ["rope_type", "type"]) ?? "default"
        switch kind {
        case "default": return .none
        case "linear": return .linear(factor: try positive("factor", reader))
        case "llama3":
            return .llama3(
                factor: try positive("factor", reader), low: try positive("low_freq_factor", reader),
                high: try positive("high_freq_factor", reader),
                original: try reader.size("original_max_position_embeddings", upTo: 1 << 31))
        default:
            throw Diagnostic(
                .badData, "the rotary scaling '\(kind)' is not supported",
                at: .init(file: reader.file, field: "rope_scaling"), remedy: "Supported are default, linear and llama3")
        }
    }

    private static func positive(_ key: String, _ reader: ConfigReader) throws(Diagnostic) -> Double {
        guard let value = try reader.positive(optional: key) else { throw reader.missing(key) }
        return value
    }
}

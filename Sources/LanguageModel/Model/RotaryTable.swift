import Diagnostics
import RealModule
import Torch

/// Cosines and sines of every position's angles, computed in double precision once: [positions, pairs].
final class RotaryTable {
    private let configuration: RotaryConfiguration
    private let device: Device
    private var cosines: Tensor
    private var sines: Tensor
    private var positions: Int

    init(_ configuration: RotaryConfiguration, positions: Int, device: Device) throws(Diagnostic) {
        self.configuration = configuration
        self.device = device
        self.positions = positions
        (cosines, sines) = try Self.tables(configuration, positions: positions, device: device)
    }

    /// Rotates x [rows, heads, width], row i standing at positions[i]; the table grows where a position lies beyond it.
    func rotate(_ x: Tensor, _ rows: [Int64]) throws(Diagnostic) -> Tensor {
        if let last = rows.max(), last >= positions {
            positions = max(2 * positions, Int(last) + 1)
            (cosines, sines) = try Self.tables(configuration, positions: positions, device: device)
        }
        return try x.rotated(cosines: cosines, sines: sines, positions: rows)
    }

    private static func tables(
        _ configuration: RotaryConfiguration, positions: Int, device: Device
    ) throws(Diagnostic) -> (cosines: Tensor, sines: Tensor) {
        let speeds = configuration.speeds
        var cosines: [Float] = []
        var sines: [Float] = []
        for position in 0..<positions {
            for speed in speeds {
                cosines.append(Float(Double.cos(Double(position) * speed)))
                sines.append(Float(Double.sin(Double(position) * speed)))
            }
        }
        let shape = [positions, speeds.count]
        return (
            try Tensor.from(cosines, shape: shape, device: device), try Tensor.from(sines, shape: shape, device: device)
        )
    }
}

import CTorch
import Diagnostics

extension Tensor {
    /// Copies `values`, row-major, into a tensor of the given shape; the type is the elements' own.
    public static func from(_ values: [Float], shape: [Int], device: Device = .cpu) throws(Diagnostic) -> Tensor {
        try from(values, shape: shape, type: .float32, device: device)
    }

    public static func from(_ values: [Int64], shape: [Int], device: Device = .cpu) throws(Diagnostic) -> Tensor {
        try from(values, shape: shape, type: .int64, device: device)
    }

    private static func from<Element: BitwiseCopyable>(
        _ values: [Element], shape: [Int], type: ElementType, device: Device
    ) throws(Diagnostic) -> Tensor {
        guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == values.count else {
            throw Diagnostic(.internalFailure, "\(values.count) values do not fill the shape \(shape)")
        }
        return try make { table, out in
            values.withUnsafeBytes { bytes in
                table.pointee.from_bytes(
                    bytes.baseAddress, shape.map(Int64.init), Int32(shape.count), type.code, device.name, out)
            }
        }
    }

    /// A tensor over memory that `owner` keeps; nothing is copied, and `owner` lives as long as any tensor over it.
    static func borrowing(
        _ bytes: UnsafeRawPointer, shape: [Int], type: ElementType, owner: AnyObject
    ) throws(Diagnostic) -> Tensor {
        let retained = Unmanaged.passRetained(owner)
        do throws(Diagnostic) {
            return try make { table, out in
                table.pointee.borrow(
                    UnsafeMutableRawPointer(mutating: bytes), shape.map(Int64.init), Int32(shape.count), type.code,
                    { if let owner = $0 { Unmanaged<AnyObject>.fromOpaque(owner).release() } },
                    retained.toOpaque(), out)
            }
        } catch {
            retained.release()
            throw error
        }
    }

    public static func full(
        _ value: Double, shape: [Int], type: ElementType = .float32, device: Device = .cpu
    ) throws(Diagnostic) -> Tensor {
        try make { table, out in
            table.pointee.full(value, shape.map(Int64.init), Int32(shape.count), type.code, device.name, out)
        }
    }

    /// A tensor whose elements are undefined until they are written; its memory is not touched before.
    public static func empty(
        shape: [Int], type: ElementType = .float32, device: Device = .cpu
    ) throws(Diagnostic) -> Tensor {
        try make { table, out in
            table.pointee.empty(shape.map(Int64.init), Int32(shape.count), type.code, device.name, out)
        }
    }

    public static func zeros(
        shape: [Int], type: ElementType = .float32, device: Device = .cpu
    ) throws(Diagnostic) -> Tensor {
        try full(0, shape: shape, type: type, device: device)
    }

    /// How random elements are distributed.
    public enum Distribution: Sendable {
        /// Mean 0, standard deviation 1.
        case normal
        /// From 0 up to but not including 1.
        case uniform
    }

    /// Independent draws. The seed belongs to this call alone: no global generator is read or moved, so the result
    /// depends on nothing but the arguments. Take the seed from a keyed random stream.
    public static func random(
        _ distribution: Distribution, seed: UInt64, shape: [Int], type: ElementType = .float32, device: Device = .cpu
    ) throws(Diagnostic) -> Tensor {
        try make { table, out in
            table.pointee.random(
                distribution == .normal ? 1 : 0, seed, shape.map(Int64.init), Int32(shape.count), type.code,
                device.name, out)
        }
    }
}

import CTorch
import Diagnostics

extension Tensor {
    /// The elements, row-major, converted to `Float`.
    public func floats() throws(Diagnostic) -> [Float] { try read(as: .float32, zero: 0) }

    /// The elements, row-major, converted to `Double`.
    public func doubles() throws(Diagnostic) -> [Double] { try read(as: .float64, zero: 0) }

    /// The elements, row-major, converted to integers.
    public func integers() throws(Diagnostic) -> [Int64] { try read(as: .int64, zero: 0) }

    /// The one element of a tensor that has one.
    public func scalar() throws(Diagnostic) -> Double {
        let values = try doubles()
        guard values.count == 1, let value = values.first else {
            throw Diagnostic(.internalFailure, "a tensor of shape \(shape) is no single number")
        }
        return value
    }

    private func read<Element: BitwiseCopyable>(as type: ElementType, zero: Element) throws(Diagnostic) -> [Element] {
        var values = [Element](repeating: zero, count: count)
        let handle = handle
        try Tensor.perform(on: [self]) { table in
            values.withUnsafeMutableBytes { bytes in
                table.pointee.read(handle, type.code, bytes.baseAddress, Int64(bytes.count / type.size))
            }
        }
        return values
    }

    /// The elements' bytes in the tensor's own type, row-major, as a safetensors file holds them.
    public func bytes() throws(Diagnostic) -> [UInt8] {
        guard let type = elementType else { throw Diagnostic(.internalFailure, "the tensor's element type is unknown") }
        var bytes = [UInt8](repeating: 0, count: count * type.size)
        let (handle, count) = (handle, Int64(count))
        try Tensor.perform(on: [self]) { table in
            bytes.withUnsafeMutableBytes { table.pointee.read(handle, type.code, $0.baseAddress, count) }
        }
        return bytes
    }
}

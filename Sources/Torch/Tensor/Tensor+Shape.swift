import CTorch
import Diagnostics

extension Tensor {
    public func reshaped(_ shape: [Int]) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.reshape(handle, shape.map(Int64.init), Int32(shape.count), out)
        }
    }

    public func transposed(_ first: Int, _ second: Int) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.transpose(handle, Int32(first), Int32(second), out)
        }
    }

    /// The part `range` along one dimension; shares memory with the whole.
    public func narrowed(_ dimension: Int, _ range: Range<Int>) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.narrow(handle, Int32(dimension), Int64(range.lowerBound), Int64(range.count), out)
        }
    }

    /// The named rows (entries along the first dimension), in that order.
    public func rows(_ indices: [Int]) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.index_rows(handle, indices.map(Int64.init), Int64(indices.count), out)
        }
    }

    public static func concatenated(_ parts: [Tensor], dimension: Int = 0) throws(Diagnostic) -> Tensor {
        try make(keeping: parts) { table, out in
            parts.map { Optional($0.handle) }.withUnsafeBufferPointer { handles in
                table.pointee.concatenate(handles.baseAddress, Int32(parts.count), Int32(dimension), out)
            }
        }
    }

    /// The same numbers in another element type or on another device; the tensor itself where nothing changes.
    public func converted(to type: ElementType, device: Device = .cpu) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.convert(handle, type.code, device.name, 0, out)
        }
    }

    /// A copy with memory of its own.
    public func copied(to type: ElementType, device: Device = .cpu) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.convert(handle, type.code, device.name, 1, out)
        }
    }

    /// Writes row i of `source` over row `rows[i]`, in place; the rows must differ.
    public func writeRows(_ rows: [Int], _ source: Tensor) throws(Diagnostic) {
        try Tensor.perform(on: [self, source]) { table in
            table.pointee.write_rows(handle, rows.map(Int64.init), Int64(rows.count), source.handle)
        }
    }

    /// Element (i, columns[i]) of every row i of a matrix.
    public func gatheringColumns(_ columns: [Int]) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.gather_columns(handle, columns.map(Int64.init), Int64(columns.count), out)
        }
    }

    /// Rows of this table by token id: [ids, width].
    public func embedding(_ ids: [Int32]) throws(Diagnostic) -> Tensor {
        try Tensor.make(keeping: [self]) { table, out in
            table.pointee.embedding(handle, ids.map(Int64.init), Int64(ids.count), out)
        }
    }
}

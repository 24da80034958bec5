import CTorch
import Diagnostics

/// A handle to a libtorch tensor, freed in `deinit`.
///
/// Not `Sendable`: a tensor is used on one thread at a time, ``TensorActor``'s in this package. Operations return new
/// tensors unless their names say that they write in place. Every operation throws a `Diagnostic` where libtorch refuses
/// the shapes or memory runs out.
public final class Tensor {
    let handle: AssayTensorRef
    private let table: TorchLibrary.Table

    /// Takes over the one reference that `handle` owns.
    init(owning handle: AssayTensorRef, table: TorchLibrary.Table) {
        self.handle = handle
        self.table = table
    }

    deinit { table.pointee.release(handle) }

    /// Extents, outermost first.
    public var shape: [Int] {
        withExtendedLifetime(self) {
            (0..<table.pointee.rank(handle)).map { Int(table.pointee.extent(handle, $0)) }
        }
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }

    public var elementType: ElementType? {
        withExtendedLifetime(self) { ElementType(code: table.pointee.dtype(handle)) }
    }

    /// Calls into the shim with a place for one new tensor, and takes it over.
    static func make(
        keeping operands: [Tensor?] = [],
        _ body: (TorchLibrary.Table, UnsafeMutablePointer<AssayTensorRef?>) -> AssayStatus
    ) throws(Diagnostic) -> Tensor {
        let table = try TorchLibrary.table()
        var made: AssayTensorRef?
        let status = withExtendedLifetime(operands) { body(table, &made) }
        try TorchLibrary.check(status)
        guard let made else { throw Diagnostic(.internalFailure, "libtorch gave no tensor") }
        return Tensor(owning: made, table: table)
    }

    /// Calls into the shim for an effect on `operands`.
    static func perform(
        on operands: [Tensor], _ body: (TorchLibrary.Table) -> AssayStatus
    ) throws(Diagnostic) {
        let table = try TorchLibrary.table()
        try TorchLibrary.check(withExtendedLifetime(operands) { body(table) })
    }
}

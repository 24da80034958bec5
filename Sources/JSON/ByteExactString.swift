/// A string that equals another only where both have the same UTF-8 bytes.
///
/// Swift's `String` holds canonically equivalent strings equal (a composed and a decomposed `é`); to a tokenizer, to a
/// digest and to every other reader of JSON they differ.
struct ByteExactString: Sendable {
    var text: String
    init(_ text: String) { self.text = text }
}

extension ByteExactString: Hashable {
    static func == (left: ByteExactString, right: ByteExactString) -> Bool {
        let (left, right) = (left.text.utf8, right.text.utf8)
        return left.count == right.count && left.elementsEqual(right)
    }

    func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
        hasher.combine(0xFF as UInt8)
    }
}

extension ByteExactString: Comparable {
    static func < (left: ByteExactString, right: ByteExactString) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

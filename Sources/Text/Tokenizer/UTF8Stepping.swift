extension UnsafeBufferPointer<UInt8> {
    /// The number of bytes of the scalar that starts at `position` of valid UTF-8.
    @inline(__always)
    func scalarLength(at position: Int) -> Int {
        let length =
            switch self[position] {
            case 0..<0xC0: 1
            case 0xC0..<0xE0: 2
            case 0xE0..<0xF0: 3
            default: 4
            }
        return Swift.min(length, count - position)
    }

    /// The scalar that starts at `position` of valid UTF-8, and its length.
    func scalar(at position: Int) -> (scalar: Unicode.Scalar, length: Int) {
        let length = scalarLength(at: position)
        if length == 1 { return (Unicode.Scalar(self[position]), 1) }
        var value = UInt32(self[position]) & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(self[position + offset] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }

    /// Where the scalar that ends at `end` starts.
    func scalarStart(before end: Int) -> Int {
        var start = end - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    /// The part in `range`, counted from 0.
    @inline(__always)
    func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: self[range]) }
}

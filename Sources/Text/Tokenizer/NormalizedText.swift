/// A piece of the text on its way through normalization and splitting: its bytes now, and which bytes of the original
/// text each of them stands for.
struct NormalizedText {
    /// How bytes map to the original text.
    enum Alignment {
        /// Unchanged: byte `i` is byte `i + shift` of the original.
        case shifted(Int)
        /// For each byte the start and end of what it stands for; all bytes of a scalar have the same.
        case mapped(starts: [UInt32], ends: [UInt32])
    }

    /// Valid UTF-8.
    private(set) var bytes: [UInt8]
    private(set) var alignment: Alignment
    /// Where the piece starts in the original text.
    let originalStart: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, originalStart: Int) {
        self.bytes = Array(bytes)
        alignment = .shifted(originalStart)
        self.originalStart = originalStart
    }

    init(bytes: [UInt8], alignment: Alignment, originalStart: Int) {
        self.bytes = bytes
        self.alignment = alignment
        self.originalStart = originalStart
    }

    /// The bytes of the original text that a non-empty range stands for, widened to whole scalars.
    @inline(__always)
    func originalRange(of range: Range<Int>) -> Range<Int> {
        switch alignment {
        case .shifted(let shift):
            var (start, end) = (range.lowerBound, range.upperBound)
            while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
            while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
            return start + shift..<end + shift
        case .mapped(let starts, let ends):
            let start = Int(starts[range.lowerBound])
            return start..<max(start, Int(ends[range.upperBound - 1]))
        }
    }

    /// The part in `range`, which lies between scalars.
    func part(_ range: Range<Int>) -> NormalizedText {
        let start = range.isEmpty ? originalStart : originalRange(of: range).lowerBound
        let aligned: Alignment =
            switch alignment {
            case .shifted(let shift): .shifted(shift + range.lowerBound)
            case .mapped(let starts, let ends): .mapped(starts: Array(starts[range]), ends: Array(ends[range]))
            }
        return NormalizedText(bytes: Array(bytes[range]), alignment: aligned, originalStart: start)
    }
}

/// Writes a changed version of a text while keeping track of what its bytes stand for.
struct NormalizedTextWriter {
    private let source: NormalizedText
    private var bytes: [UInt8] = []
    private var starts: [UInt32] = []
    private var ends: [UInt32] = []

    init(_ source: NormalizedText) {
        self.source = source
        let capacity = source.bytes.count + source.bytes.count / 4 + 16
        bytes.reserveCapacity(capacity)
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
    }

    /// The number of bytes written.
    var count: Int { bytes.count }

    /// Copies a range of the source as it is.
    mutating func copy(_ range: Range<Int>) {
        bytes.append(contentsOf: source.bytes[range])
        switch source.alignment {
        case .mapped(let oldStarts, let oldEnds):
            starts.append(contentsOf: oldStarts[range])
            ends.append(contentsOf: oldEnds[range])
        case .shifted(let shift):
            source.bytes.withUnsafeBufferPointer { copyAlignment(of: range, in: $0, shift: shift) }
        }
    }

    private mutating func copyAlignment(of range: Range<Int>, in text: UnsafeBufferPointer<UInt8>, shift: Int) {
        var position = range.lowerBound
        while position < range.upperBound {
            let length = text.scalarLength(at: position)
            let start = UInt32(truncatingIfNeeded: position + shift)
            for _ in 0..<length {
                starts.append(start)
                ends.append(start + UInt32(length))
            }
            position += length
        }
    }

    /// Writes bytes that stand for a non-empty range of the source.
    mutating func append(_ new: some Collection<UInt8>, for range: Range<Int>) {
        let original = source.originalRange(of: range)
        bytes.append(contentsOf: new)
        for _ in 0..<new.count {
            starts.append(UInt32(truncatingIfNeeded: original.lowerBound))
            ends.append(UInt32(truncatingIfNeeded: original.upperBound))
        }
    }

    consuming func finish() -> NormalizedText {
        NormalizedText(
            bytes: bytes, alignment: .mapped(starts: starts, ends: ends), originalStart: source.originalStart)
    }
}

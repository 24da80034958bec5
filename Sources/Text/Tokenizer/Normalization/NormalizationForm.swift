/// Unicode's normalization forms (UAX 15), over the character data that Hugging Face's normalizer has.
enum NormalizationForm: String, Sendable, CaseIterable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    /// Whether compatibility mappings count too.
    var isCompatible: Bool { self == .nfkc || self == .nfkd }
    var composes: Bool { self == .nfc || self == .nfkc }

    /// Normalizes a text; what a changed stretch turned into stands for all of that stretch.
    func apply(to text: inout NormalizedText) {
        let changes = text.bytes.withUnsafeBufferPointer { self.changes(in: $0) }
        guard !changes.isEmpty else { return }
        var writer = NormalizedTextWriter(text)
        var end = 0
        for (range, content) in changes {
            writer.copy(end..<range.lowerBound)
            writer.append(content, for: range)
            end = range.upperBound
        }
        writer.copy(end..<text.bytes.count)
        text = writer.finish()
    }

    /// The stretches that normalization changes, and what they become. A stretch runs between two scalars that nothing
    /// before them can act on.
    private func changes(in bytes: UnsafeBufferPointer<UInt8>) -> [(range: Range<Int>, content: [UInt8])] {
        var changes: [(range: Range<Int>, content: [UInt8])] = []
        let active = CanonicalData.shared.activeBits(of: self)
        var position = skipPlain(in: bytes, from: 0, active)
        while position < bytes.count {
            let (scalars, end) = stretch(in: bytes, from: position)
            let normalized = normalized(scalars)
            if !normalized.elementsEqual(scalars) {
                var content = String.UnicodeScalarView()
                content.append(contentsOf: normalized)
                changes.append((position..<end, Array(String(content).utf8)))
            }
            position = skipPlain(in: bytes, from: end, active)
        }
        return changes
    }

    /// The start of the next stretch that has to be looked at: the last scalar before one that can change.
    private func skipPlain(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ active: [UInt64]) -> Int {
        var position = start
        while position < bytes.count {
            if bytes[position] < 0x80 {
                position += 1
                continue
            }
            let (scalar, length) = bytes.scalar(at: position)
            if CanonicalData.isActive(scalar.value, in: active) { break }
            position += length
        }
        guard position > start, position < bytes.count else { return position }
        return bytes.scalarStart(before: position)
    }

    /// Reads a scalar and all that may act on it: up to the next scalar that starts a stretch of its own.
    private func stretch(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (scalars: [Unicode.Scalar], end: Int) {
        var (scalar, length) = bytes.scalar(at: start)
        var (scalars, position) = ([scalar], start + length)
        while position < bytes.count {
            (scalar, length) = bytes.scalar(at: position)
            if CanonicalData.shared.isBoundary(before: scalar, isCompatible: isCompatible) { break }
            scalars.append(scalar)
            position += length
        }
        return (scalars, position)
    }

    func normalized(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let data = CanonicalData.shared
        var decomposed: [Unicode.Scalar] = []
        for scalar in scalars { data.decompose(scalar, isCompatible: isCompatible, into: &decomposed) }
        data.reorder(&decomposed)
        return composes ? data.compose(decomposed) : decomposed
    }
}

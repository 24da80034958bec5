/// The mappings of ``NormalizationData`` ready for use, with Hangul's by rule (The Unicode Standard, section 3.12).
struct CanonicalData: Sendable {
    static let shared = CanonicalData()

    private var classes: [UInt32: UInt8] = [:]
    private var canonical: [UInt32: [UInt32]] = [:]
    private var compatible: [UInt32: [UInt32]] = [:]
    private var composites: [UInt64: UInt32] = [:]
    /// Scalars that can be the second of a composed pair.
    private var followers: Set<UInt32> = []
    /// For each form, one bit per scalar below ``limit``: whether it can change or be changed by what is before it.
    private var active: [NormalizationForm: [UInt64]] = [:]
    /// No scalar from here on has any data.
    private static let limit: UInt32 = 0x30000

    private init() {
        Self.forEachEntry(of: NormalizationData.combiningClasses) { entry in
            for scalar in entry[0]...entry[1] { classes[scalar] = UInt8(entry[2]) }
        }
        Self.forEachEntry(of: NormalizationData.canonical) { entry in
            canonical[entry[0]] = entry[1...].filter { $0 != 0 }
            guard entry.count == 3, entry[2] != 0 else { return }
            composites[Self.key(entry[1], entry[2])] = entry[0]
            followers.insert(entry[2])
        }
        Self.forEachEntry(of: NormalizationData.compatible) { compatible[$0[0]] = Array($0[1...]) }
        for form in NormalizationForm.allCases { active[form] = activeScalars(of: form) }
    }

    private func activeScalars(of form: NormalizationForm) -> [UInt64] {
        var bits = [UInt64](repeating: 0, count: Int(Self.limit / 64))
        func mark(_ scalar: UInt32) { bits[Int(scalar / 64)] |= 1 << UInt64(scalar % 64) }
        classes.keys.forEach(mark)
        if form.isCompatible { compatible.keys.forEach(mark) }
        if form.composes {
            let composable = Set(composites.values)
            canonical.keys.filter { !composable.contains($0) }.forEach(mark)
            followers.forEach(mark)
            (Self.vowelBase..<Self.vowelBase + Self.vowelCount).forEach(mark)
            (Self.tailBase + 1..<Self.tailBase + Self.tailCount).forEach(mark)
        } else {
            canonical.keys.forEach(mark)
            Self.hangul.forEach(mark)
        }
        return bits
    }

    /// The set of ``isActive(_:in:)``, to be looked up many times.
    func activeBits(of form: NormalizationForm) -> [UInt64] { active[form] ?? [] }

    /// Whether a scalar can change in a form, or be changed by what stands before it.
    static func isActive(_ scalar: UInt32, in bits: [UInt64]) -> Bool {
        scalar < limit && bits[Int(scalar / 64)] >> UInt64(scalar % 64) & 1 == 1
    }

    private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 32 | UInt64(second) }

    /// Entries are hexadecimal numbers parted by white space, each ended by a semicolon.
    private static func forEachEntry(of table: StaticString, _ body: ([UInt32]) -> Void) {
        var (entry, value): ([UInt32], UInt32?) = ([], nil)
        for byte in UnsafeBufferPointer(start: table.utf8Start, count: table.utf8CodeUnitCount) {
            if let digit = hexadecimalDigit(byte) {
                value = (value ?? 0) << 4 | digit
                continue
            }
            if let complete = value { entry.append(complete) }
            value = nil
            if byte == UInt8(ascii: ";") {
                body(entry)
                entry.removeAll(keepingCapacity: true)
            }
        }
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension CanonicalData {
    private static let hangul: ClosedRange<UInt32> = 0xAC00...0xD7A3
    private static let (leadBase, vowelBase, tailBase): (UInt32, UInt32, UInt32) = (0x1100, 0x1161, 0x11A7)
    private static let (leadCount, vowelCount, tailCount): (UInt32, UInt32, UInt32) = (19, 21, 28)

    func combiningClass(of scalar: Unicode.Scalar) -> UInt8 {
        scalar.value < 0x300 ? 0 : classes[scalar.value] ?? 0
    }

    /// Whether nothing before the scalar can combine with it or be reordered with it.
    func isBoundary(before scalar: Unicode.Scalar, isCompatible: Bool) -> Bool {
        if scalar.value < 0x300, !isCompatible { return true }
        var parts: [Unicode.Scalar] = []
        decompose(scalar, isCompatible: isCompatible, into: &parts)
        guard let first = parts.first else { return true }
        return combiningClass(of: first) == 0 && !followers.contains(first.value) && !Self.isHangulFollower(first)
    }

    private static func isHangulFollower(_ scalar: Unicode.Scalar) -> Bool {
        (vowelBase..<vowelBase + vowelCount).contains(scalar.value)
            || (tailBase + 1..<tailBase + tailCount).contains(scalar.value)
    }

    func decompose(_ scalar: Unicode.Scalar, isCompatible: Bool, into output: inout [Unicode.Scalar]) {
        if scalar.value < 0xA0 { return output.append(scalar) }
        if Self.hangul.contains(scalar.value) { return Self.decomposeHangul(scalar.value, into: &output) }
        let mapping = canonical[scalar.value] ?? (isCompatible ? compatible[scalar.value] : nil)
        guard let mapping else { return output.append(scalar) }
        for part in mapping.compactMap(Unicode.Scalar.init) {
            decompose(part, isCompatible: isCompatible, into: &output)
        }
    }

    private static func decomposeHangul(_ syllable: UInt32, into output: inout [Unicode.Scalar]) {
        let index = syllable - hangul.lowerBound
        let tail = index % tailCount
        let parts = [
            leadBase + index / (vowelCount * tailCount), vowelBase + index / tailCount % vowelCount, tailBase + tail,
        ]
        output.append(contentsOf: parts.prefix(tail == 0 ? 2 : 3).compactMap(Unicode.Scalar.init))
    }

    /// Puts each run of marks into the order of their classes, keeping the order within a class.
    func reorder(_ scalars: inout [Unicode.Scalar]) {
        var start = 0
        while start < scalars.count {
            guard combiningClass(of: scalars[start]) != 0 else {
                start += 1
                continue
            }
            let end = scalars[start...].firstIndex { combiningClass(of: $0) == 0 } ?? scalars.count
            if end - start > 1 {
                let run = (start..<end).sorted {
                    (combiningClass(of: scalars[$0]), $0) < (combiningClass(of: scalars[$1]), $1)
                }
                scalars.replaceSubrange(start..<end, with: run.map { scalars[$0] })
            }
            start = end
        }
    }

    /// Composes what can be composed, after decomposition and reordering.
    func compose(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        var starter: Int?
        var lastClass: UInt8 = 0
        for scalar in scalars {
            let order = combiningClass(of: scalar)
            if let index = starter, output.count - 1 == index || (lastClass != 0 && lastClass < order),
                let composite = composite(of: output[index], scalar)
            {
                output[index] = composite
                continue
            }
            if order == 0 { starter = output.count }
            lastClass = order
            output.append(scalar)
        }
        return output
    }

    private func composite(of first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        let value = composites[Self.key(first.value, second.value)] ?? Self.hangulComposite(first.value, second.value)
        return value.flatMap(Unicode.Scalar.init)
    }

    private static func hangulComposite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if (leadBase..<leadBase + leadCount).contains(first), (vowelBase..<vowelBase + vowelCount).contains(second) {
            return hangul.lowerBound + ((first - leadBase) * vowelCount + second - vowelBase) * tailCount
        }
        if hangul.contains(first), (first - hangul.lowerBound) % tailCount == 0,
            (tailBase + 1..<tailBase + tailCount).contains(second)
        {
            return first + second - tailBase
        }
        return nil
    }
}

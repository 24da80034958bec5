import Diagnostics

/// Rewrites text before it is split.
indirect enum Normalizer: Sendable {
    case sequence([Normalizer])
    case form(NormalizationForm)
    case replace(TextPattern, [UInt8])
    case prepend([UInt8])
    case lowercase
    case strip(left: Bool, right: Bool)

    func apply(to text: inout NormalizedText) throws(Diagnostic) {
        switch self {
        case .sequence(let steps): for step in steps { try step.apply(to: &text) }
        case .form(let form): form.apply(to: &text)
        case .replace(let pattern, let content): try Self.replace(pattern, by: content, in: &text)
        case .prepend(let prefix): Self.prepend(prefix, to: &text)
        case .lowercase: Self.lowercase(&text)
        case .strip(let left, let right): Self.strip(&text, left: left, right: right)
        }
    }

    private static func replace(
        _ pattern: TextPattern, by content: [UInt8], in text: inout NormalizedText
    ) throws(Diagnostic) {
        let search = try TextSearch(pattern, size: text.bytes.count)
        var matches: [Range<Int>] = []
        try text.bytes.withUnsafeBufferPointer { (bytes) throws(Diagnostic) in
            guard !bytes.isEmpty else { return }
            try search.forEachMatch(in: bytes) { matches.append($0) }
        }
        guard !matches.isEmpty else { return }
        var writer = NormalizedTextWriter(text)
        var end = 0
        for match in matches {
            writer.copy(end..<match.lowerBound)
            writer.append(content, for: text.nonEmpty(match))
            end = match.upperBound
        }
        writer.copy(end..<text.bytes.count)
        text = writer.finish()
    }

    private static func prepend(_ prefix: [UInt8], to text: inout NormalizedText) {
        guard !text.bytes.isEmpty else { return }
        var writer = NormalizedTextWriter(text)
        writer.append(prefix, for: 0..<1)
        writer.copy(0..<text.bytes.count)
        text = writer.finish()
    }

    private static func lowercase(_ text: inout NormalizedText) {
        var writer = NormalizedTextWriter(text)
        text.bytes.withUnsafeBufferPointer { bytes in
            var position = 0
            while position < bytes.count {
                let (scalar, length) = bytes.scalar(at: position)
                writer.append(scalar.properties.lowercaseMapping.utf8, for: position..<position + length)
                position += length
            }
        }
        text = writer.finish()
    }

    private static func strip(_ text: inout NormalizedText, left: Bool, right: Bool) {
        let kept = text.bytes.withUnsafeBufferPointer { bytes in
            var (start, end) = (0, bytes.count)
            while left, start < end, bytes.scalar(at: start).scalar.properties.isWhitespace {
                start += bytes.scalarLength(at: start)
            }
            while right, start < end {
                let last = bytes.scalarStart(before: end)
                guard bytes.scalar(at: last).scalar.properties.isWhitespace else { break }
                end = last
            }
            return start..<end
        }
        if kept.count < text.bytes.count { text = text.part(kept) }
    }
}

extension NormalizedText {
    /// The range itself, or where it is empty the byte after it or, at the end, before it.
    fileprivate func nonEmpty(_ range: Range<Int>) -> Range<Int> {
        guard range.isEmpty else { return range }
        let start = min(range.lowerBound, bytes.count - 1)
        return start..<start + 1
    }
}

extension Normalizer {
    init(_ field: TokenizerField) throws(Diagnostic) {
        let type = try field.type()
        switch type {
        case "Sequence":
            var steps: [Normalizer] = []
            for element in try field.required("normalizers").elements() { steps.append(try Normalizer(element)) }
            self = .sequence(steps)
        case "Replace":
            let content = try field.required("content").string()
            self = .replace(try TextPattern(try field.required("pattern")), Array(content.utf8))
        case "Prepend": self = .prepend(Array(try field.required("prepend").string().utf8))
        case "Lowercase": self = .lowercase
        case "Strip":
            self = .strip(
                left: try field.flag("strip_left", default: true), right: try field.flag("strip_right", default: true))
        default:
            guard let form = NormalizationForm(rawValue: type) else { throw field.unsupported("normalizer", type) }
            self = .form(form)
        }
    }
}

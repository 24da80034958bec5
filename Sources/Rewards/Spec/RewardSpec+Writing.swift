extension RewardSpec: CustomStringConvertible {
    /// The spec in canonical form, which reads back as an equal spec.
    public var description: String {
        var text = kind.takesNoSource ? kind.rawValue : kind.rawValue + ":"
        if kind.source == .members {
            text += "[" + members.map(\.description).joined(separator: ",") + "]"
        } else {
            text += PercentEncoding.encode(source, keeping: PercentEncoding.plainInSource)
        }
        let pairs = parameters.map {
            "\($0.key)=\(PercentEncoding.encode($0.value, keeping: PercentEncoding.plainInValue))"
        }
        return pairs.isEmpty ? text : text + "?" + pairs.joined(separator: "&")
    }
}

/// Percent-encoding of a spec's parts: `%` and two hexadecimal digits a byte of UTF-8.
enum PercentEncoding {
    /// Punctuation that a canonical source holds as it is: that of paths and addresses.
    static let plainInSource = "-._~/=+@:"
    /// Punctuation that a canonical value holds as it is.
    static let plainInValue = plainInSource

    /// Encodes everything but letters and digits (of any script), the punctuation given, and combining marks.
    static func encode(_ text: String, keeping plain: String) -> String {
        var encoded = ""
        for scalar in text.unicodeScalars {
            if isPlain(scalar) || plain.unicodeScalars.contains(scalar) {
                encoded.unicodeScalars.append(scalar)
            } else {
                for byte in String(scalar).utf8 { encoded += hexadecimal(byte) }
            }
        }
        return encoded
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "%0" + digits : "%" + digits
    }
}

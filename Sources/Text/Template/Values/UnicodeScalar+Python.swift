/// The classes of code points that Python's string methods know.
extension Unicode.Scalar {
    /// `str.isspace`, and what `\s` matches in a regular expression.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// What `str.splitlines` breaks at.
    var isPythonLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// `str.isprintable`: what `repr` writes as it is.
    var isPythonPrintable: Bool {
        if value >= 0x20 && value < 0x7F { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private var isASCIILetter: Bool { (0x61...0x7A).contains(value | 0x20) }
    private var isASCIIDigit: Bool { (0x30...0x39).contains(value) }

    var isPythonLetter: Bool {
        if isASCII { return isASCIILetter }
        return isLetterBeyondASCII
    }

    private var isLetterBeyondASCII: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// `str.isdecimal`: a digit that forms numbers in base 10.
    var isPythonDecimal: Bool { isASCII ? isASCIIDigit : properties.generalCategory == .decimalNumber }

    /// `str.isdigit`: decimals, and digits such as superscripts.
    var isPythonDigit: Bool { properties.numericType == .decimal || properties.numericType == .digit }

    var isPythonNumeric: Bool { isASCII ? isASCIIDigit : properties.numericType != nil }

    var isPythonAlphanumeric: Bool { isPythonLetter || isPythonNumeric }

    /// Upper case or title case, as `str.isupper` and the words of `str.title` see it.
    var isPythonUppercase: Bool { isASCII ? (0x41...0x5A).contains(value) : properties.isUppercase }
    var isPythonLowercase: Bool { isASCII ? (0x61...0x7A).contains(value) : properties.isLowercase }
    var isPythonTitlecase: Bool { !isASCII && properties.generalCategory == .titlecaseLetter }
    var isPythonCased: Bool { isPythonUppercase || isPythonLowercase || isPythonTitlecase }

    /// The escape that `repr` writes for a code point that is not printable.
    var pythonEscape: String {
        let digits = String(value, radix: 16)
        let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}

/// What Oniguruma's class escapes hold, as the inside of a PCRE2 character class.
enum CharacterClassEscape {
    /// `\w`: letters, marks, decimal digits, letter numbers, connectors, and what Oniguruma has besides: enclosed
    /// letters, superscript digits and fractions of Latin-1.
    static let word =
        ["L", "M", "Nd", "Nl", "Pc"].compactMap(property).joined()
        + #"\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189}\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE}"#

    /// `\s`: the property White_Space, which unlike PCRE2's does not hold U+180E.
    private static let space =
        #"\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"#
    /// Everything else, since a class cannot hold the complement of another.
    private static let nonSpace =
        #"\x{0}-\x{8}\x{E}-\x{1F}\x{21}-\x{84}\x{86}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}"#
        + #"\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{10FFFF}"#

    /// The members of `\s`, `\S`, `\d`, `\D`, `\w`, `\W`, `\h` and `\H`, or of their complement.
    static func members(of escape: Unicode.Scalar) -> (text: String, isNegated: Bool)? {
        switch escape {
        case "s": (space, false)
        case "S": (nonSpace, false)
        case "d", "D": property("Nd").map { ($0, escape == "D") }
        case "w", "W": (word, escape == "W")
        case "h", "H": ("0-9a-fA-F", escape == "H")
        default: nil
        }
    }

    /// The members of a general category or script; `nil` where the name is not known.
    static func property(_ name: String) -> String? {
        if let parts = categoryParts[name] ?? (RecentAssignments.categories[name] != nil ? [name] : nil) {
            return #"\p{\#(name)}"# + parts.compactMap { RecentAssignments.categories[$0] }.joined()
        }
        return RecentAssignments.scripts[name].map { #"\p{sc:\#(name)}"# + $0 }
    }

    private static let categoryParts = [
        "L": ["Lu", "Ll", "Lt", "Lm", "Lo"], "M": ["Mn", "Mc", "Me"], "N": ["Nd", "Nl", "No"],
        "P": ["Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"], "S": ["Sm", "Sc", "Sk", "So"], "Z": ["Zs", "Zl", "Zp"],
    ]
}

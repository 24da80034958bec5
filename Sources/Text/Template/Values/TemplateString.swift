/// A string as Python holds it: a sequence of code points, equal to another only where all code points are.
///
/// Swift's `String` counts graphemes and holds canonically equivalent strings equal, so neither its `count` nor its
/// `==` may be used on a template's strings.
struct TemplateString {
    var text: String
    /// Whether the string was marked as safe HTML (`markupsafe.Markup`), which escapes what is added to it.
    var isMarkup = false

    init(_ text: String, isMarkup: Bool = false) {
        self.text = text
        self.isMarkup = isMarkup
    }

    init(_ scalars: some Sequence<Unicode.Scalar>, isMarkup: Bool = false) {
        var text = ""
        for scalar in scalars { text.unicodeScalars.append(scalar) }
        self.init(text, isMarkup: isMarkup)
    }

    /// The number of code points.
    var count: Int { text.unicodeScalars.count }

    var isEmpty: Bool { text.utf8.isEmpty }

    var scalars: [Unicode.Scalar] { Array(text.unicodeScalars) }

    /// How much of a string is read in about the time of a step.
    static let bytesPerStep = 8

    /// The work of reading the string once, in steps of the render's budget.
    var weight: Int { 1 + text.utf8.count / Self.bytesPerStep }

    /// The same text with the characters that HTML gives a meaning replaced.
    var escaped: TemplateString {
        if isMarkup { return self }
        var output = ""
        for scalar in text.unicodeScalars { Self.append(escaped: scalar, to: &output) }
        return TemplateString(output, isMarkup: true)
    }

    private static func append(escaped scalar: Unicode.Scalar, to output: inout String) {
        switch scalar {
        case "&": output += "&amp;"
        case "<": output += "&lt;"
        case ">": output += "&gt;"
        case "'": output += "&#39;"
        case "\"": output += "&#34;"
        default: output.unicodeScalars.append(scalar)
        }
    }
}

extension TemplateString: Hashable {
    static func == (left: TemplateString, right: TemplateString) -> Bool {
        let (left, right) = (left.text.utf8, right.text.utf8)
        return left.count == right.count && left.elementsEqual(right)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}

extension TemplateString: Comparable {
    // The order of UTF-8 bytes is the order of code points.
    static func < (left: TemplateString, right: TemplateString) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

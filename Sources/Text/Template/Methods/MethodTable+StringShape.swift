import Diagnostics

/// The methods that pad a string, and those that say what it consists of.
extension MethodTable {
    static let paddingMethods: [String: NativeFunction] = [
        "center": NativeFunction(.positional(1...2)) { (call) throws(Diagnostic) in try pad(call, .center) },
        "expandtabs": NativeFunction(["tabsize"], expandTabs),
        "ljust": NativeFunction(.positional(1...2)) { (call) throws(Diagnostic) in try pad(call, .left) },
        "rjust": NativeFunction(.positional(1...2)) { (call) throws(Diagnostic) in try pad(call, .right) },
        "zfill": NativeFunction(.positional(1...1), fillWithZeros),
    ]

    static let classMethods: [String: NativeFunction] = [
        "isalnum": testing { !$0.isEmpty && $0.allSatisfy(\.isPythonAlphanumeric) },
        "isalpha": testing { !$0.isEmpty && $0.allSatisfy(\.isPythonLetter) },
        "isascii": testing { $0.allSatisfy(\.isASCII) },
        "isdecimal": testing { !$0.isEmpty && $0.allSatisfy(\.isPythonDecimal) },
        "isdigit": testing { !$0.isEmpty && $0.allSatisfy(\.isPythonDigit) },
        "isidentifier": testing { $0.isPythonIdentifier },
        "islower": testing { $0.isPythonLowercase },
        "isnumeric": testing { !$0.isEmpty && $0.allSatisfy(\.isPythonNumeric) },
        "isprintable": testing { $0.allSatisfy(\.isPythonPrintable) },
        "isspace": testing { !$0.isEmpty && $0.allSatisfy(\.isPythonSpace) },
        "istitle": testing { $0.isPythonTitle },
        "isupper": testing { $0.isPythonUppercase },
    ]

    private static func testing(_ test: @escaping @Sendable (String.UnicodeScalarView) -> Bool) -> NativeFunction {
        NativeFunction { (call) throws(Diagnostic) in .bool(test(try call.receiver.text.unicodeScalars)) }
    }

    private static func pad(_ call: NativeCall, _ alignment: TextAlignment) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        let filling = call[1] == nil ? TemplateString(" ") : try call.string(1)
        guard let fill = filling.text.unicodeScalars.first, filling.count == 1 else {
            throw .template("'\(call.name)' fills with exactly one character")
        }
        let padded = try alignment.pad(string.text, to: try call.size(0), with: fill, call.budget)
        return .string(TemplateString(padded, isMarkup: string.isMarkup))
    }

    private static func fillWithZeros(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        let missing = try call.size(0) - string.count
        guard missing > 0 else { return .string(string) }
        try call.budget.spend(bytes: missing)
        let sign = string.text.unicodeScalars.prefix { _ in true }.first.map { $0 == "+" || $0 == "-" } ?? false
        let head = sign ? 1 : 0
        let scalars = string.text.unicodeScalars
        let digits =
            String(scalars.prefix(head)) + String(repeating: "0", count: missing) + String(scalars.dropFirst(head))
        return .string(TemplateString(digits, isMarkup: string.isMarkup))
    }

    private static func expandTabs(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let string = try call.receiver
        let size = try call.size(0, default: 8)
        var (output, column) = ("", 0)
        for scalar in string.text.unicodeScalars {
            if scalar == "\t" {
                let width = size > 0 ? size - column % size : 0
                try call.budget.spend(bytes: width)
                output += String(repeating: " ", count: width)
                column += width
            } else {
                output.unicodeScalars.append(scalar)
                column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
            }
        }
        return .string(TemplateString(output, isMarkup: string.isMarkup))
    }
}

/// Where padding goes.
enum TextAlignment {
    case left, right, center

    /// The text padded to a width in code points; wider text stays as it is.
    func pad(
        _ text: String, to width: Int, with fill: Unicode.Scalar, _ budget: TemplateBudget
    ) throws(Diagnostic) -> String {
        let count = text.unicodeScalars.count
        guard width > count else { return text }
        let missing = width - count
        try budget.spend(bytes: 4, times: missing)
        let before = leading(missing, width: width)
        return String(repeating: String(fill), count: before) + text
            + String(repeating: String(fill), count: missing - before)
    }

    private func leading(_ missing: Int, width: Int) -> Int {
        switch self {
        case .left: 0
        case .right: missing
        // CPython gives the odd place of padding to the left where the width is odd.
        case .center: missing / 2 + (missing & width & 1)
        }
    }
}

extension String.UnicodeScalarView {
    /// Whether there are letters with case and all of them are upper case.
    var isPythonUppercase: Bool {
        contains(where: \.isPythonUppercase) && !contains { $0.isPythonLowercase || $0.isPythonTitlecase }
    }

    var isPythonLowercase: Bool {
        contains(where: \.isPythonLowercase) && !contains { $0.isPythonUppercase || $0.isPythonTitlecase }
    }

    /// Whether every run of letters with case begins with an upper case one and goes on in lower case.
    var isPythonTitle: Bool {
        var (isInWord, hasWord) = (false, false)
        for scalar in self {
            if scalar.isPythonUppercase || scalar.isPythonTitlecase {
                if isInWord { return false }
                (isInWord, hasWord) = (true, true)
            } else if scalar.isPythonLowercase {
                if !isInWord { return false }
            } else {
                isInWord = false
            }
        }
        return hasWord
    }

    var isPythonIdentifier: Bool {
        guard let first, first.properties.isXIDStart || first == "_" else { return false }
        return dropFirst().allSatisfy(\.properties.isXIDContinue)
    }
}

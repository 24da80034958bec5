/// Python's changes of case, which map code points one by one but for the final sigma.
extension String {
    var pythonUppercased: String { mapScalars(\.properties.uppercaseMapping) }

    var pythonLowercased: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
        let scalars = Array(unicodeScalars)
        return scalars.indices.reduce(into: "") { $0 += Self.lower(scalars, at: $1) }
    }

    /// The first code point in title case, the others in lower case.
    var pythonCapitalized: String {
        let scalars = Array(unicodeScalars)
        guard let first = scalars.first else { return "" }
        return scalars.indices.dropFirst().reduce(into: first.properties.titlecaseMapping) {
            $0 += Self.lower(scalars, at: $1)
        }
    }

    /// Each run of letters with case begins in title case and goes on in lower case.
    var pythonTitled: String {
        let scalars = Array(unicodeScalars)
        var isInWord = false
        return scalars.indices.reduce(into: "") { output, index in
            output += isInWord ? Self.lower(scalars, at: index) : scalars[index].properties.titlecaseMapping
            isInWord = scalars[index].isPythonCased
        }
    }

    var pythonSwappedCase: String {
        let scalars = Array(unicodeScalars)
        return scalars.indices.reduce(into: "") { output, index in
            let scalar = scalars[index]
            if scalar.isPythonUppercase {
                output += Self.lower(scalars, at: index)
            } else {
                output += scalar.isPythonLowercase ? scalar.properties.uppercaseMapping : String(scalar)
            }
        }
    }

    private func mapScalars(_ map: (Unicode.Scalar) -> String) -> String {
        unicodeScalars.reduce(into: "") { $0 += map($1) }
    }

    private static func lower(_ scalars: [Unicode.Scalar], at index: Int) -> String {
        guard scalars[index] == "Σ" else { return scalars[index].properties.lowercaseMapping }
        return isFinal(scalars, index) ? "ς" : "σ"
    }

    /// Whether the sigma at an index ends a word: a letter with case before it, none after it.
    private static func isFinal(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased ?? false && !(after?.properties.isCased ?? false)
    }
}

/// Python's changes of case, which map code points one by one but for the final sigma.
extension String {
    var pythonUppercased: String {
        mapScalars { scalars, index, output in output.append(uppercase: scalars[index]) }
    }

    var pythonLowercased: String {
        mapScalars { scalars, index, output in output.append(lowercaseAt: index, of: scalars) }
    }

    /// The first code point in title case, the others in lower case.
    var pythonCapitalized: String {
        mapScalars { scalars, index, output in
            if index == 0 {
                output.append(titlecase: scalars[index])
            } else {
                output.append(lowercaseAt: index, of: scalars)
            }
        }
    }

    /// Each run of letters with case begins in title case and goes on in lower case.
    var pythonTitled: String {
        var isInWord = false
        return mapScalars { scalars, index, output in
            if isInWord {
                output.append(lowercaseAt: index, of: scalars)
            } else {
                output.append(titlecase: scalars[index])
            }
            isInWord = scalars[index].isPythonCased
        }
    }

    var pythonSwappedCase: String {
        mapScalars { scalars, index, output in
            if scalars[index].isPythonUppercase {
                output.append(lowercaseAt: index, of: scalars)
            } else if scalars[index].isPythonLowercase {
                output.append(uppercase: scalars[index])
            } else {
                output.unicodeScalars.append(scalars[index])
            }
        }
    }

    private func mapScalars(
        _ map: (ArraySlice<Unicode.Scalar>, Int, inout String) -> Void
    ) -> String {
        let scalars = ArraySlice(unicodeScalars)
        var output = ""
        output.reserveCapacity(utf8.count)
        for index in scalars.indices { map(scalars, index, &output) }
        return output
    }
}

extension String {
    mutating func append(uppercase scalar: Unicode.Scalar) {
        guard scalar.isASCII else { return self += scalar.properties.uppercaseMapping }
        unicodeScalars.append(scalar.isPythonLowercase ? Unicode.Scalar(UInt8(scalar.value - 0x20)) : scalar)
    }

    fileprivate mutating func append(titlecase scalar: Unicode.Scalar) {
        guard scalar.isASCII else { return self += scalar.properties.titlecaseMapping }
        append(uppercase: scalar)
    }

    /// Appends the code point at an index in lower case, which depends on what stands around it.
    mutating func append(lowercaseAt index: Int, of scalars: ArraySlice<Unicode.Scalar>) {
        let scalar = scalars[index]
        if scalar.isASCII {
            unicodeScalars.append(scalar.isPythonUppercase ? Unicode.Scalar(UInt8(scalar.value + 0x20)) : scalar)
        } else if scalar == "Σ" {
            self += Self.isFinal(scalars, index) ? "ς" : "σ"
        } else {
            self += scalar.properties.lowercaseMapping
        }
    }

    /// Whether the sigma at an index ends a word: a letter with case before it, none after it.
    private static func isFinal(_ scalars: ArraySlice<Unicode.Scalar>, _ index: Int) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased ?? false && !(after?.properties.isCased ?? false)
    }
}

import Diagnostics
import JSON

/// A value of a tokenizer's JSON together with where it stands, so that every error names file and field.
struct TokenizerField {
    let value: JSONValue
    let file: String
    let path: String

    /// The member of that name; `nil` where it is absent or null.
    subscript(key: String) -> TokenizerField? {
        guard let member = value[key], !member.isNull else { return nil }
        return TokenizerField(value: member, file: file, path: path.isEmpty ? key : "\(path).\(key)")
    }

    func failure(_ message: String, remedy: String = "Save the tokenizer again with the library that made it")
        -> Diagnostic
    {
        Diagnostic(.badData, message, at: .init(file: file, field: path.isEmpty ? nil : path), remedy: remedy)
    }

    /// The error for a component that exists elsewhere but not here.
    func unsupported(_ component: String, _ name: String) -> Diagnostic {
        failure(
            "\(component) '\(name)' is not supported",
            remedy: "Use a checkpoint with a byte-level or SentencePiece-style BPE tokenizer")
    }

    func required(_ key: String) throws(Diagnostic) -> TokenizerField {
        guard let member = self[key] else { throw failure("the field '\(key)' is missing") }
        return member
    }

    /// The value of `type`, which names a component.
    func type() throws(Diagnostic) -> String { try required("type").string() }

    func string() throws(Diagnostic) -> String {
        guard let text = value.stringValue else { throw failure("this is \(value.kindName), but a string is needed") }
        return text
    }

    func elements() throws(Diagnostic) -> [TokenizerField] {
        guard let values = value.arrayValue else { throw failure("this is \(value.kindName), but an array is needed") }
        return values.enumerated().map { TokenizerField(value: $1, file: file, path: "\(path)[\($0)]") }
    }

    func integer() throws(Diagnostic) -> Int {
        guard let number = value.intValue else { throw failure("this is \(value.kindName), but an integer is needed") }
        return number
    }

    /// An ID: an integer that fits 32 bits and is not negative.
    func tokenID() throws(Diagnostic) -> Int32 {
        guard let id = Int32(exactly: try integer()), id >= 0 else { throw failure("this is not a token ID") }
        return id
    }

    func flag(_ key: String, default fallback: Bool) throws(Diagnostic) -> Bool {
        guard let member = self[key] else { return fallback }
        guard let flag = member.value.boolValue else {
            throw member.failure("this is \(member.value.kindName), but true or false is needed")
        }
        return flag
    }

    /// The one Unicode scalar of a string.
    func scalar() throws(Diagnostic) -> Unicode.Scalar {
        let scalars = try string().unicodeScalars
        guard let first = scalars.first, scalars.count == 1 else { throw failure("one character is needed here") }
        return first
    }
}

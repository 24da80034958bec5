import Diagnostics

extension PreTokenizer {
    /// GPT-2's pattern, which the byte-level pre-tokenizer uses unless told otherwise.
    private static let wordPattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    init(_ field: TokenizerField) throws(Diagnostic) {
        let type = try field.type()
        switch type {
        case "Sequence": self = .sequence(try Self.steps(of: field))
        case "Split": self = try Self.split(field)
        case "ByteLevel": self = try Self.byteLevel(field)
        case "Metaspace": self = .metaspace(try Metaspace(field))
        case "Digits":
            let isIndividual = try field.flag("individual_digits", default: false)
            self = .split(.scalars(.numeric), isIndividual ? .isolated : .contiguous, isInverted: false)
        case "Punctuation":
            let behavior = try field["behavior"].map { (field) throws(Diagnostic) in try SplitBehavior(field) }
            self = .split(.scalars(.punctuation), behavior ?? .isolated, isInverted: false)
        case "Whitespace": self = .split(.words, .removed, isInverted: true)
        case "WhitespaceSplit": self = .split(.scalars(.whiteSpace), .removed, isInverted: false)
        default: throw field.unsupported("pre-tokenizer", type)
        }
    }

    private static func steps(of field: TokenizerField) throws(Diagnostic) -> [PreTokenizer] {
        var steps: [PreTokenizer] = []
        for element in try field.required("pretokenizers").elements() { steps.append(try PreTokenizer(element)) }
        return steps
    }

    private static func split(_ field: TokenizerField) throws(Diagnostic) -> PreTokenizer {
        .split(
            try TextPattern(try field.required("pattern")), try SplitBehavior(try field.required("behavior")),
            isInverted: try field.flag("invert", default: false))
    }

    private static func byteLevel(_ field: TokenizerField) throws(Diagnostic) -> PreTokenizer {
        let usesPattern = try field.flag("use_regex", default: true)
        return .byteLevel(
            addsPrefixSpace: try field.flag("add_prefix_space", default: true),
            pattern: usesPattern ? .expression(try RegularExpression(oniguruma: wordPattern)) : nil)
    }
}

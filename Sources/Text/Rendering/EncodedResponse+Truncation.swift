import Diagnostics

extension EncodedResponse {
    /// The responses of one row, cut to a maximum length where that is allowed.
    ///
    /// - Throws: `badData` where one is too long and nothing may be cut, or where the cut would leave nothing.
    public static func fit(
        _ row: [EncodedResponse], within limit: LengthLimit, by truncation: Truncation?
    ) throws(Diagnostic) -> [EncodedResponse] {
        let longest = row.map(\.tokens.count).max() ?? 0
        guard longest > limit.maximum else { return row }
        switch truncation {
        case nil:
            let index = row.firstIndex { $0.tokens.count > limit.maximum } ?? 0
            throw Diagnostic(
                .badData,
                "it has \(row[index].tokens.count) tokens with its prompt; the maximum length is \(limit.maximum)",
                at: .init(field: "response \(index + 1)"),
                remedy: "\(limit.remedy), or give --truncate prompt-left or response-right")
        case .promptLeft: return try cuttingPrompt(row, by: longest - limit.maximum, limit)
        case .responseRight: return try cuttingResponses(row, to: limit)
        }
    }

    private static func cuttingPrompt(
        _ row: [EncodedResponse], by excess: Int, _ limit: LengthLimit
    ) throws(Diagnostic) -> [EncodedResponse] {
        guard row.allSatisfy({ $0.response.lowerBound > excess }) else {
            throw Diagnostic(
                .badData, "cutting \(excess) tokens from the prompt would leave nothing of it",
                at: .init(field: "prompt"),
                remedy: "\(limit.remedy), or give --truncate response-right")
        }
        return row.map {
            EncodedResponse(
                tokens: Array($0.tokens.dropFirst(excess)),
                response: $0.response.lowerBound - excess..<$0.response.upperBound - excess, isTruncated: true)
        }
    }

    private static func cuttingResponses(
        _ row: [EncodedResponse], to limit: LengthLimit
    ) throws(Diagnostic) -> [EncodedResponse] {
        let maximum = limit.maximum
        guard row.allSatisfy({ $0.response.lowerBound < maximum }) else {
            throw Diagnostic(
                .badData, "the prompt alone reaches the maximum length of \(maximum) tokens",
                at: .init(field: "prompt"),
                remedy: "\(limit.remedy), or give --truncate prompt-left")
        }
        return row.map { encoded in
            guard encoded.tokens.count > maximum else { return encoded }
            return EncodedResponse(
                tokens: Array(encoded.tokens.prefix(maximum)),
                response: encoded.response.lowerBound..<min(encoded.response.upperBound, maximum), isTruncated: true)
        }
    }
}

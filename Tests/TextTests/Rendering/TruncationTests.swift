import Diagnostics
import Testing
import Text

struct TruncationTests {
    /// Prompts of four tokens with responses of two and five.
    private static let row = [2, 5].map { count in
        EncodedResponse(tokens: Array(0..<Int32(4 + count)), response: 4..<4 + count)
    }

    private func fit(_ maximum: Int, of positions: Int = 1024, by truncation: Truncation?) throws -> [EncodedResponse] {
        try EncodedResponse.fit(
            Self.row, within: LengthLimit(maximum: maximum, positions: positions), by: truncation)
    }

    private func remedy(_ maximum: Int, of positions: Int, by truncation: Truncation?) -> String? {
        do {
            _ = try fit(maximum, of: positions, by: truncation)
            return nil
        } catch {
            return (error as? Diagnostic)?.remedy
        }
    }

    @Test("A row that fits stays as it is")
    func fits() throws {
        #expect(try fit(9, by: nil) == Self.row)
        #expect(try fit(9, by: .promptLeft) == Self.row)
    }

    @Test("prompt-left takes the same from every prompt of a row, response-right the end of what is too long")
    func cuts() throws {
        let left = try fit(7, by: .promptLeft)
        #expect(left.map(\.tokens) == [[2, 3, 4, 5], [2, 3, 4, 5, 6, 7, 8]])
        #expect(left.map(\.response) == [2..<4, 2..<7])
        #expect(left.map(\.isTruncated) == [true, true])
        let right = try fit(7, by: .responseRight)
        #expect(right[0] == Self.row[0])
        #expect(right[1] == EncodedResponse(tokens: [0, 1, 2, 3, 4, 5, 6], response: 4..<7, isTruncated: true))
    }

    @Test(
        "A maximum below the model's positions is to be raised; one that reaches them is not", arguments: [8, 4, 1024])
    func remedies(positions: Int) {
        let first = positions > 8 ? "Raise --max-length" : "Shorten the text (the model was made for no more)"
        #expect(remedy(8, of: positions, by: nil) == "\(first), or give --truncate prompt-left or response-right")
        let cut = positions > 4 ? "Raise --max-length" : "Shorten the text (the model was made for no more)"
        #expect(remedy(4, of: positions, by: .promptLeft) == "\(cut), or give --truncate response-right")
        #expect(remedy(4, of: positions, by: .responseRight) == "\(cut), or give --truncate prompt-left")
    }
}

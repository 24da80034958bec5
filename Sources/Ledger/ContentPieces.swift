/// A body cut where it is likely to repeat: a JSON object between the elements of its lists, so that a conversation which
/// grows from call to call is stored once. The pieces joined are the body, byte for byte.
struct ContentPieces {
    let pieces: [ArraySlice<UInt8>]

    /// A body that is no JSON object is one piece; so is a list whose elements are small.
    init(_ body: [UInt8]) {
        let cuts = Self.cuts(in: body)
        guard !cuts.isEmpty else {
            pieces = body.isEmpty ? [] : [body[...]]
            return
        }
        var start = 0
        var pieces: [ArraySlice<UInt8>] = []
        for cut in cuts where cut - start >= Self.shortest {
            pieces.append(body[start..<cut])
            start = cut
        }
        if start < body.count { pieces.append(body[start...]) }
        self.pieces = pieces
    }

    /// Below this a piece costs more than it saves.
    private static let shortest = 48

    /// Where the elements of the lists directly inside the object begin and end.
    private static func cuts(in body: [UInt8]) -> [Int] {
        guard body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return [] }
        return body.withUnsafeBufferPointer { bytes in
            var scan = Scan()
            var place = 0
            while place < bytes.count {
                // Most of a body is text inside strings, in which nothing but these two bytes matters.
                if scan.isInText {
                    while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") {
                        place += 1
                    }
                    guard place < bytes.count else { break }
                }
                scan.take(bytes[place], at: place)
                place += 1
            }
            return scan.cuts
        }
    }

    private struct Scan {
        var cuts: [Int] = []
        private var open: [UInt8] = []
        private var isInString = false
        private var isEscaped = false

        mutating func take(_ byte: UInt8, at place: Int) {
            if isInString { return takeInString(byte) }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append(byte)
                if isInOuterList, byte == UInt8(ascii: "[") { cuts.append(place + 1) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if isInOuterList { cuts.append(place) }
                _ = open.popLast()
            case UInt8(ascii: ","):
                if isInOuterList { cuts.append(place) }
            default: break
            }
        }

        /// Whether the next byte stands for itself.
        var isInText: Bool { isInString && !isEscaped }

        private var isInOuterList: Bool { open.count == 2 && open[1] == UInt8(ascii: "[") }

        private mutating func takeInString(_ byte: UInt8) {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
        }
    }
}

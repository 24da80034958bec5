/// How a fuzz test damages what it gives to a reader.
public struct Mutation: Sendable {
    /// What means something to the reader, or what no text has; one of them is put in at a time.
    private let pieces: [[UInt8]]
    /// The longest stretch that is removed or repeated.
    private let longest: Int
    /// In how many places something is changed.
    private let places: ClosedRange<Int>

    public init(pieces: [String], longest: Int = 8, places: ClosedRange<Int> = 1...3) {
        let bytes: [UInt8] = [0x00, 0x0A, 0x0D, 0xC3, 0xED, 0xEF, 0xFF]
        self.pieces = pieces.map { Array($0.utf8) } + bytes.map { [$0] }
        self.longest = longest
        self.places = places
    }

    /// For readers of JSON: its marks, and what numbers and names begin with.
    public static let json = Mutation(pieces: #"{}[]",:\0123456789eE+-.tfnuNI "#.map(String.init), longest: 40)

    /// Bytes damaged in a few places: a bit flipped, a byte set, a stretch removed, repeated or taken from another document,
    /// a piece put in, or (seldom) the rest cut off.
    ///
    /// - Parameter donor: the other document.
    public func mutant(
        of bytes: [UInt8], donor: [UInt8] = [], using generator: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: places, using: &generator) { damage(&bytes, donor, &generator) }
        return bytes
    }

    private func damage(_ bytes: inout [UInt8], _ donor: [UInt8], _ generator: inout some RandomNumberGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let stretch = place..<min(bytes.count, place + Int.random(in: 1...longest, using: &generator))
        switch Int.random(in: 0..<12, using: &generator) {
        case 0...1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2...3 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 4...5: bytes.removeSubrange(stretch)
        case 6...7: bytes.insert(contentsOf: bytes[stretch], at: Int.random(in: 0...bytes.count, using: &generator))
        case 8 where !donor.isEmpty:
            bytes.insert(contentsOf: donor[min(place, donor.count)..<min(place + longest, donor.count)], at: place)
        case 9 where Int.random(in: 0..<3, using: &generator) == 0: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
        }
    }
}

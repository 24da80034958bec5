/// GPT-2's invertible map from bytes to printable characters, which lets a vocabulary of strings name any bytes
/// (Radford et al. 2019, `bytes_to_unicode` of its code).
enum ByteAlphabet {
    /// The character of each byte: itself where it is printable Latin-1, else one from U+0100 on.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            if isPrintable(byte) { return Unicode.Scalar(byte) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? "\u{FFFD}"
        }
    }()

    /// The UTF-8 bytes of each byte's character.
    static let encodings: [[UInt8]] = scalars.map { Array(String($0).utf8) }

    private static let bytes: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 0x200)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = UInt8(byte) }
        return table
    }()

    /// The byte that a character stands for.
    static func byte(of scalar: Unicode.Scalar) -> UInt8? {
        scalar.value < 0x200 ? bytes[Int(scalar.value)] : nil
    }

    /// The bytes that a token stands for; `nil` where one of its characters stands for none.
    static func rawBytes(of token: some Collection<UInt8>) -> [UInt8]? {
        var raw: [UInt8] = []
        raw.reserveCapacity(token.count)
        for scalar in String(decoding: token, as: UTF8.self).unicodeScalars {
            guard let byte = byte(of: scalar) else { return nil }
            raw.append(byte)
        }
        return raw
    }

    private static func isPrintable(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
    }
}

/// How wide a text is, estimated, so that labels need not collide where no browser is there to measure them.
///
/// The advance widths of Helvetica (Adobe's font metrics), which Arial and Liberation Sans share, in thousandths of the
/// font size, with a margin for other fonts that a reader's machine may put in their place.
enum TextWidth {
    private static let margin = 1.06

    static func of(_ text: String, size: Double) -> Double {
        let thousandths = text.unicodeScalars.reduce(0) { $0 + advance($1) }
        return Double(thousandths) * size / 1000 * margin
    }

    private static func advance(_ scalar: Unicode.Scalar) -> Int {
        let value = Int(scalar.value)
        if value >= 32, value < 127 { return ascii[value - 32] }
        switch value {
        case 0x300...0x36F, 0x200B...0x200D, 0xFE00...0xFE0F: return 0
        case 0x2070...0x2079, 0x207B, 0xB9, 0xB2, 0xB3: return 360
        case 0x2014, 0x2026, 0x1100...0x115F, 0x2E80...0xFFDC, 0x1F000...0x3FFFF: return 1000
        default: return 600
        }
    }

    /// From the space to the tilde.
    private static let ascii = [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
        556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
        667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
        556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ]
}

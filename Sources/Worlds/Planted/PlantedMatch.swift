/// Finds what a step's template must have been filled with to give a text.
struct PlantedMatch {
    private let pieces: [[PlantedFilling]]
    private let text: [UInt8]
    private let extent: Extent
    private let open: PlantedHistory

    /// How much of the text the template must give.
    enum Extent {
        case whole
        /// All but white space around it, which may be lost on the way.
        case trimmed
        /// Some part of it.
        case part
    }

    init(system: PlantedSystem, step: Int, text: [UInt8], extent: Extent) {
        self.text = extent == .trimmed ? Self.trimmed(text) : text
        self.extent = extent
        open = PlantedHistory(of: system)
        let pieces = system.steps[step].prompt.pieces.map { PlantedFilling.fillings(of: $0, system) }
        self.pieces = extent == .trimmed ? Self.trimmed(pieces) : pieces
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func trimmed(_ text: [UInt8]) -> [UInt8] {
        let start = text.drop(while: isSpace)
        return start.lastIndex { !isSpace($0) }.map { Array(start[...$0]) } ?? []
    }

    private static func trimmed(_ pieces: [[PlantedFilling]]) -> [[PlantedFilling]] {
        var pieces = pieces
        if let first = pieces.first?.first, first.step == nil {
            pieces[0][0].bytes = Array(first.bytes.drop(while: isSpace))
        }
        if let last = pieces.last?.first, last.step == nil {
            let end = last.bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
            pieces[pieces.count - 1][0].bytes = Array(last.bytes[..<end])
        }
        return pieces
    }

    /// The histories that give the text, or a part of it, with the length of that part.
    func readings() -> [(PlantedHistory, Int)] {
        var found: [(PlantedHistory, Int)] = []
        for start in 0...(extent == .part ? text.count : 0) { extend(open, at: start, from: start, piece: 0, &found) }
        return found
    }

    private func extend(
        _ history: PlantedHistory, at place: Int, from start: Int, piece: Int, _ found: inout [(PlantedHistory, Int)]
    ) {
        guard piece < pieces.count else {
            if extent == .part || place == text.count { found.append((history, place - start)) }
            return
        }
        for filling in pieces[piece] where text[place...].starts(with: filling.bytes) {
            var next = history
            if let step = filling.step {
                if let known = history[step], known != filling.reply { continue }
                next[step] = filling.reply
            }
            extend(next, at: place + filling.bytes.count, from: start, piece: piece + 1, &found)
        }
    }
}

/// What may stand in one place of a template.
struct PlantedFilling {
    var bytes: [UInt8]
    /// The step whose reply it is; `nil` for the template's own text and the task.
    var step: Int?
    var reply = 0

    static func fillings(of piece: PromptTemplate.Piece, _ system: PlantedSystem) -> [PlantedFilling] {
        switch piece {
        case .text(let bytes): return [PlantedFilling(bytes: bytes)]
        case .name(let name):
            guard let step = system.step(named: name) else { return [PlantedFilling(bytes: Array(system.task.utf8))] }
            return system.steps[step].texts.enumerated().map {
                PlantedFilling(bytes: Array($0.element.utf8), step: step, reply: $0.offset)
            }
        }
    }
}

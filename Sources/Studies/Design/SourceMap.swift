/// Where in a file each value of a document stands, by its path: `factors.regime.0.set`.
struct SourceMap: Sendable {
    struct Position: Sendable, Hashable {
        /// Counted from 1.
        var line: Int
        /// Counted from 1, in Unicode scalars.
        var column: Int
    }

    private var positions: [String: Position] = [:]

    mutating func record(_ position: Position, at path: String) { positions[path] = position }

    /// The position of a value or, where it is not written (a key that is missing), of the nearest value around it.
    func position(of path: String) -> Position? {
        var path = Self.normal(path)[...]
        while !path.isEmpty {
            if let position = positions[String(path)] { return position }
            guard let dot = path.lastIndex(of: ".") else { break }
            path = path[..<dot]
        }
        return positions[""]
    }

    /// Places in lists written one way: `reward[0].kind` is `reward.0.kind`. What follows a space is inside a value's text.
    static func normal(_ path: String) -> String {
        var normal = ""
        for character in path.prefix(while: { $0 != " " }) where character != "]" {
            normal.append(character == "[" ? "." : character)
        }
        return normal.hasSuffix(":") ? String(normal.dropLast()) : normal
    }

    static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

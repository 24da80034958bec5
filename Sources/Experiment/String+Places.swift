extension String {
    /// The text with `{name}` replaced where the name has a value. Other braces stay, and what a value holds itself is never
    /// filled in again.
    public func fillingPlaces(_ values: [String: String]) -> String {
        var (filled, rest) = ("", self[...])
        while let open = rest.firstIndex(of: "{") {
            filled += rest[..<open]
            rest = rest[open...]
            let end = rest.firstIndex(of: "}")
            if let end, let value = values[String(rest[rest.index(after: open)..<end])] {
                filled += value
                rest = rest[rest.index(after: end)...]
            } else {
                filled.append(rest.removeFirst())
            }
        }
        return filled + rest
    }
}

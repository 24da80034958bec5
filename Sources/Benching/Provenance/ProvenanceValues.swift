import JSON

extension JSONValue {
    /// The values of a key in this provenance and in those of a reward's parts (an ensemble's members, a reference), each once,
    /// in the order in which they stand.
    func provenanceValues(of key: String) -> [JSONValue] {
        var found: [JSONValue] = []
        collect(key, into: &found)
        return found
    }

    private func collect(_ key: String, into found: inout [JSONValue]) {
        if let value = self[key], !found.contains(value) { found.append(value) }
        for member in objectValue?.values.map({ $0 }) ?? arrayValue ?? [] { member.collect(key, into: &found) }
    }
}

import Diagnostics
import JSON

/// The fields of one record, knowing where it stands.
struct RecordFields {
    let value: JSONValue
    let location: Diagnostic.Location
    let index: Int

    /// A field that is not `null`.
    func optional(_ key: String) -> JSONValue? {
        guard let field = value[key], !field.isNull else { return nil }
        return field
    }

    func array(_ key: String, remedy: String) throws(Diagnostic) -> [JSONValue] {
        guard value.objectValue != nil else {
            throw failure("a record should be an object, but this is \(value.kindName)", at: nil, remedy: remedy)
        }
        guard let field = optional(key) else { throw failure("the record has no '\(key)'", at: key, remedy: remedy) }
        guard let array = field.arrayValue else {
            throw failure("'\(key)' should be a list, but this is \(field.kindName)", at: key, remedy: remedy)
        }
        return array
    }

    /// An id: a string or an integer.
    func id(_ key: String) throws(Diagnostic) -> String? {
        switch optional(key) {
        case nil: return nil
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .some(let other):
            throw failure("an id should be a string or an integer, but this is \(other.kindName)", at: key)
        }
    }

    func requiredID(_ key: String) throws(Diagnostic) -> String {
        guard let id = try id(key) else {
            throw failure("the record has no '\(key)'", at: key, remedy: "Give the id of the row that was scored")
        }
        return id
    }

    /// A number that is not NaN.
    func number(_ value: JSONValue, at place: String) throws(Diagnostic) -> Double {
        guard let number = value.doubleValue else {
            throw failure("a score should be a number, but this is \(value.kindName)", at: place)
        }
        guard !number.isNaN else {
            throw failure(
                "the score is NaN", at: place, remedy: "Score the row again, or leave it out; missing is not zero")
        }
        return number
    }

    /// A list that runs parallel to the scores; `nil` where the record has none.
    func parallel<Element>(
        _ key: String, count: Int, _ kind: String,
        _ read: (JSONValue, String) throws(Diagnostic) -> Element?
    ) throws(Diagnostic) -> [Element]? {
        guard let field = optional(key) else { return nil }
        guard let values = field.arrayValue, values.count == count else {
            throw failure("'\(key)' should be a list of \(count), one for each score", at: key)
        }
        var elements: [Element] = []
        for (index, value) in values.enumerated() {
            let place = "\(key)[\(index)]"
            guard let element = try read(value, place) else {
                throw failure("'\(key)' should hold \(kind), but this is \(value.kindName)", at: place)
            }
            elements.append(element)
        }
        return elements
    }

    /// A `badData` diagnostic that names the record's id, where it has one.
    func failure(
        _ message: String, at field: String?, remedy: String = "Correct the record, or write the file again"
    ) -> Diagnostic {
        let id = ["id", "pair_id"].lazy.compactMap {
            value[$0]?.stringValue ?? value[$0]?.intValue.map(String.init)
        }.first
        var place = location
        place.field = [location.field, field].compactMap(\.self).joined(separator: ".")
        if place.field?.isEmpty == true { place.field = nil }
        return Diagnostic(.badData, message + (id.map { " (id '\($0)')" } ?? ""), at: place, remedy: remedy)
    }
}

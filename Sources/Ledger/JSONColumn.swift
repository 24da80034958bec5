internal import Diagnostics
internal import Foundation
internal import JSON

/// Lists and values as they stand in the ledger's text columns: JSON, which SQLite can look into.
///
/// A column that does not read back says which it is; the file has then been changed by another hand.
enum JSONColumn {
    static func text(_ values: [Double]) -> String { JSONValue.array(values.map(JSONValue.number)).text }
    static func text(_ values: [Int]) -> String { JSONValue.array(values.map(JSONValue.integer)).text }
    static func text(_ values: [Bool]) -> String { JSONValue.array(values.map(JSONValue.bool)).text }
    static func text(_ values: [String]) -> String { JSONValue.array(values.map(JSONValue.string)).text }
    static func text(_ values: [[Double]]) -> String {
        JSONValue.array(values.map { .array($0.map(JSONValue.number)) }).text
    }

    static func value(_ text: String, of column: String) throws(Diagnostic) -> JSONValue {
        do throws(Diagnostic) {
            return try JSONValue(parsing: text, options: .init(allowsNonFiniteNumbers: true))
        } catch {
            throw unreadable(column)
        }
    }

    static func doubles(_ text: String, of column: String) throws(Diagnostic) -> [Double] {
        try list(value(text, of: column), of: column, \.doubleValue)
    }

    static func integers(_ text: String, of column: String) throws(Diagnostic) -> [Int] {
        try list(value(text, of: column), of: column, \.intValue)
    }

    static func booleans(_ text: String, of column: String) throws(Diagnostic) -> [Bool] {
        try list(value(text, of: column), of: column, \.boolValue)
    }

    static func strings(_ text: String, of column: String) throws(Diagnostic) -> [String] {
        try list(value(text, of: column), of: column, \.stringValue)
    }

    static func listsOfDoubles(_ text: String, of column: String) throws(Diagnostic) -> [[Double]] {
        let lists = try list(value(text, of: column), of: column, { $0 })
        return try lists.map { (inner) throws(Diagnostic) in try list(inner, of: column, \.doubleValue) }
    }

    static func time(_ text: String, of column: String) throws(Diagnostic) -> Date {
        try required(try? Date(text, strategy: Date.ISO8601FormatStyle.ledger), of: column)
    }

    static func required<Value>(_ value: Value?, of column: String) throws(Diagnostic) -> Value {
        guard let value else { throw unreadable(column) }
        return value
    }

    private static func list<Element>(
        _ value: JSONValue, of column: String, _ element: (JSONValue) -> Element?
    ) throws(Diagnostic) -> [Element] {
        let values = try required(value.arrayValue, of: column)
        return try values.map { (value) throws(Diagnostic) in try required(element(value), of: column) }
    }

    private static func unreadable(_ column: String) -> Diagnostic {
        Diagnostic(
            .badData, "the ledger holds what this program did not write", at: .init(field: column),
            remedy: "Restore the file from a copy, or name another ledger with --ledger")
    }
}

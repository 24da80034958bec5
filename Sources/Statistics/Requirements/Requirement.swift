import Diagnostics

/// What estimators demand of their input. Missing is not zero: a NaN is refused, never skipped.
enum Requirement {
    /// All values are numbers, none infinite.
    static func finite(_ values: [Double], _ name: String) throws(Diagnostic) {
        guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
        throw Diagnostic(
            .badData, "\(values[index]) is not a finite number", at: .init(field: "\(name)[\(index)]"),
            remedy: "Leave missing values out before estimating, and count them")
    }

    /// All values can be ordered; infinities may be among them.
    static func ordered(_ values: [Double], _ name: String) throws(Diagnostic) {
        guard let index = values.firstIndex(where: \.isNaN) else { return }
        throw Diagnostic(
            .badData, "NaN cannot be ranked", at: .init(field: "\(name)[\(index)]"),
            remedy: "Leave missing values out before estimating, and count them")
    }

    static func count(_ values: [Double], atLeast minimum: Int, _ name: String) throws(Diagnostic) {
        guard values.count < minimum else { return }
        throw Diagnostic(
            .badData, "\(values.count) values are too few, at least \(minimum) are needed", at: .init(field: name))
    }

    static func sameCount(_ first: Int, _ second: Int, _ names: String) throws(Diagnostic) {
        guard first != second else { return }
        throw Diagnostic(
            .internalFailure, "\(names) have \(first) and \(second) elements", remedy: "They are parallel arrays")
    }

    static func level(_ level: Double) throws(Diagnostic) {
        guard !(level > 0 && level < 1) else { return }
        throw Diagnostic(
            .usage, "a level of \(level) is not between 0 and 1", at: .init(field: "level"),
            remedy: "Give a share such as 0.95")
    }

    static func that(_ holds: Bool, _ message: @autoclosure () -> String, field: String) throws(Diagnostic) {
        if !holds { throw Diagnostic(.badData, message(), at: .init(field: field)) }
    }
}

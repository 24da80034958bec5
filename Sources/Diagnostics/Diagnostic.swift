/// What a user is told when something goes wrong: what kind of failure, what happened, where, and what to do about it.
///
/// Every error that leaves a target of this package is a `Diagnostic`; the command line maps its ``category`` to an exit
/// code and prints ``description``. Secrets must never be put into one.
public struct Diagnostic: Error, Sendable, Equatable {
    /// The kind of failure. Raw values are the process's exit codes (BSD sysexits where one fits).
    public struct Category: Sendable, Hashable, RawRepresentable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// A fault of the program itself.
        public static let internalFailure = Category(rawValue: 1)
        /// A verdict or threshold failed.
        public static let verdictFailed = Category(rawValue: 3)
        /// Some rows failed; they are listed.
        public static let partial = Category(rawValue: 4)
        /// The command line, a reward spec or a setting is wrong.
        public static let usage = Category(rawValue: 64)
        /// A file was found but its content is wrong.
        public static let badData = Category(rawValue: 65)
        /// A file, folder or library that was named is not there or cannot be opened.
        public static let inputMissing = Category(rawValue: 66)
        /// Something upstream (a server, a device) is unavailable.
        public static let unavailable = Category(rawValue: 69)
        /// Interrupted by the user; the work can be resumed.
        public static let interrupted = Category(rawValue: 130)
    }

    /// Where the fault lies, as narrowly as it is known.
    public struct Location: Sendable, Hashable, CustomStringConvertible {
        public var file: String?
        /// Line, counted from 1.
        public var line: Int?
        /// A field's path such as `responses[2]`, or a tensor's name.
        public var field: String?

        public init(file: String? = nil, line: Int? = nil, field: String? = nil) {
            self.file = file
            self.line = line
            self.field = field
        }

        public var description: String {
            var parts: [String] = []
            if let file {
                parts.append(line.map { "\(file):\($0)" } ?? file)
            } else if let line {
                parts.append("line \(line)")
            }
            if let field { parts.append(field) }
            return parts.joined(separator: ": ")
        }
    }

    public var category: Category
    /// What went wrong, one sentence without a final full stop.
    public var message: String
    public var location: Location
    /// What the user can do about it, one sentence without a final full stop; empty where nothing can be said.
    public var remedy: String

    public init(_ category: Category, _ message: String, at location: Location = Location(), remedy: String = "") {
        self.category = category
        self.message = message
        self.location = location
        self.remedy = remedy
    }

    /// The same diagnostic, with the parts of the location that are still unknown filled in.
    public func located(file: String? = nil, line: Int? = nil, field: String? = nil) -> Diagnostic {
        var copy = self
        copy.location.file = location.file ?? file
        copy.location.line = location.line ?? line
        copy.location.field = location.field ?? field
        return copy
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line: field: message. Remedy.`
    public var description: String {
        let place = location.description
        let head = place.isEmpty ? message : "\(place): \(message)"
        return remedy.isEmpty ? "\(head)." : "\(head). \(remedy)\(remedy.hasSuffix("?") ? "" : ".")"
    }
}

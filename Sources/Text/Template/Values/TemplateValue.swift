import Diagnostics

/// A value as a template sees it: Python's built-in types, and the objects that jinja2 adds.
enum TemplateValue {
    case undefined(Undefined)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(TemplateString)
    case list(TemplateElements)
    case tuple(TemplateElements)
    case dictionary(TemplateDictionary)
    case view(DictionaryView)
    case range(TemplateRange)
    case iterator(TemplateIterator)
    case object(any TemplateObject)
}

/// Why a value is undefined; the message of the error that most operations on it raise.
indirect enum Undefined {
    case name(String)
    case attribute(String, of: String)
    case element(of: String)
    case because(String)

    var message: String {
        switch self {
        case .name(let name): "'\(name)' is undefined"
        case .attribute(let name, let type): "a value of type '\(type)' has no attribute '\(name)'"
        case .element(let type): "a value of type '\(type)' has no such element"
        case .because(let reason): reason
        }
    }

    var failure: Diagnostic { .template(message) }
}

/// How deep a container reaches and how many values it holds in all. Both are bounded when it is made, so that no
/// recursion over a value exhausts the stack and no shared part is walked exponentially often.
struct Measure {
    static let maximumDepth = 128
    static let maximumWeight = 1 << 24

    var depth = 0
    var weight = 1

    /// Takes the measure of one more part into account.
    mutating func add(_ part: Measure) {
        depth = max(depth, part.depth + 1)
        weight = min(weight, Self.maximumWeight) + min(part.weight, Self.maximumWeight)
    }

    func check() throws(Diagnostic) {
        guard depth <= Self.maximumDepth else {
            throw .template("the template nests values more than \(Self.maximumDepth) deep")
        }
        guard weight <= Self.maximumWeight else {
            throw .template("the template makes a value of more than \(Self.maximumWeight) parts")
        }
    }
}

/// The elements of a list or a tuple. Templates cannot change a list, so it is a value.
struct TemplateElements {
    let values: [TemplateValue]
    let measure: Measure

    init(_ values: [TemplateValue]) throws(Diagnostic) {
        var measure = Measure()
        for value in values { measure.add(value.measure) }
        try measure.check()
        self.values = values
        self.measure = measure
    }

    private init() {
        values = []
        measure = Measure()
    }

    static var empty: TemplateElements { TemplateElements() }
}

/// The integers of Python's `range(start, stop, step)`.
struct TemplateRange: Hashable {
    /// The sandbox of jinja2 refuses longer ranges.
    static let maximumCount = 100_000

    let start: Int
    let stop: Int
    let step: Int
    let count: Int

    init(start: Int, stop: Int, step: Int) throws(Diagnostic) {
        guard step != 0 else { throw .template("range() needs a step other than 0") }
        let (distance, overflow) =
            step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
        let length = step.magnitude
        guard !overflow, distance <= 0 || (UInt(distance) - 1) / length < UInt(Self.maximumCount) else {
            throw .template("range() makes more than \(Self.maximumCount) numbers")
        }
        self.start = start
        self.stop = stop
        self.step = step
        count = distance <= 0 ? 0 : Int((UInt(distance) - 1) / length) + 1
    }

    /// The number at a position that is within the range.
    subscript(position: Int) -> Int { start &+ position &* step }

    static func == (left: TemplateRange, right: TemplateRange) -> Bool {
        guard left.count == right.count else { return false }
        return left.count == 0 || left.start == right.start && (left.count == 1 || left.step == right.step)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(count) }
}

/// What `items()`, `keys()` and `values()` of a dictionary return.
struct DictionaryView {
    enum Part: String {
        case keys = "dict_keys"
        case values = "dict_values"
        case items = "dict_items"
    }

    let part: Part
    let dictionary: TemplateDictionary

    func elements() throws(Diagnostic) -> [TemplateValue] {
        switch part {
        case .keys: return dictionary.keys
        case .values: return dictionary.values
        case .items: return try dictionary.pairs()
        }
    }
}

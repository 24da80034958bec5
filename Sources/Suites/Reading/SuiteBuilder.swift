import Diagnostics
import Experiment

/// Collects a suite's rows while its files are read: counts what is left out, refuses repeated ids and empty responses.
struct SuiteBuilder {
    let suite: Suite
    let options: LoadOptions
    /// What to do with empty responses where the options do not say.
    private let emptyResponses: LoadOptions.EmptyResponses
    private(set) var items: [SuiteItem] = []
    private var excluded: [LoadedSuite.Exclusion] = []
    private var places: [String: Int] = [:]
    var notes: [String] = []
    var hasResponses = true

    init(_ suite: Suite, _ options: LoadOptions, emptyResponses: LoadOptions.EmptyResponses = .refuse) {
        self.suite = suite
        self.options = options
        self.emptyResponses = options.emptyResponses ?? emptyResponses
    }

    /// Reads all rows of the data files at a path, in the files' order.
    mutating func readRows(
        at path: String, format: String,
        _ body: (inout SuiteBuilder, SuiteRecord, DataFile) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        try readRows(of: try FileTree.dataFiles(at: path), format: format, body)
    }

    mutating func readRows(
        of files: [DataFile], format: String,
        _ body: (inout SuiteBuilder, SuiteRecord, DataFile) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        for file in files {
            let rows = try SuiteRecordReader(file, format: format)
            while let row = try rows.next() { try body(&self, row, file) }
        }
    }

    /// Counts a row that the suite's rule leaves out.
    mutating func exclude(_ row: SuiteRecord, because reason: String) {
        if let index = excluded.firstIndex(where: { $0.reason == reason }) {
            excluded[index].count += 1
        } else {
            excluded.append(.init(reason: reason, count: 1, first: row.source))
        }
    }

    /// Whether the row can be scored; one with an empty response is counted, or refused.
    mutating func accepts(_ row: SuiteRecord, _ candidates: [Candidate]) throws(Diagnostic) -> Bool {
        guard let empty = candidates.first(where: \.isEmpty) else { return true }
        guard emptyResponses == .exclude else {
            throw row.failure(
                "the response is empty", field: empty.field, remedy: "Remove the row, or have such rows left out")
        }
        exclude(row, because: "a response is empty")
        return false
    }

    mutating func add(_ item: SuiteItem, from row: SuiteRecord) throws(Diagnostic) {
        if let place = places[item.group.id] {
            let first = items[place].group.source.map { "\($0.file):\($0.line)" } ?? "an earlier row"
            throw row.failure(
                "the id '\(item.group.id)' was already used by \(first)", field: "id",
                remedy: "Give each row an id of its own")
        }
        places[item.group.id] = items.count
        items.append(item)
    }

    /// An id that no item has yet: the one wanted, or where another row holds it, that with the row's line.
    func unusedId(_ wanted: String, _ row: SuiteRecord, prompt: Prompt, responses: [String]) -> String {
        guard let place = places[wanted] else { return wanted }
        let isRepeated = items[place].group.prompt == prompt && items[place].group.responses == responses
        return isRepeated ? wanted : "\(wanted)@\(row.line)"
    }

    func item(withId id: String) -> SuiteItem? { places[id].map { items[$0] } }

    /// The suite, with the metrics that its rule makes of the rows that are kept.
    ///
    /// - Throws: `badData` where no row is left.
    func finish(path: String, metrics: (Roster) -> [Metric]) throws(Diagnostic) -> LoadedSuite {
        let kept = limited()
        guard !kept.isEmpty else {
            throw Diagnostic(
                .badData, "no row is left to score", at: .init(file: path),
                remedy: excluded.map { "\($0.count) left out because \($0.reason)" }.joined(separator: "; "))
        }
        let roster = Roster(kept)
        return LoadedSuite(
            suite: suite, items: kept, excluded: excluded, rule: suite.rule, notes: notes, hasResponses: hasResponses,
            metrics: metrics(roster).filter { !$0.isEmpty }, clusters: roster.clusters)
    }

    /// The first rows of each subset, taken from the subsets in turn until the limit is reached; in file order.
    private func limited() -> [SuiteItem] {
        guard let limit = options.limit, limit < items.count else { return items }
        var ranks: [String: Int] = [:]
        let order = items.enumerated().map { index, item in
            ranks[item.subset, default: 0] += 1
            return (rank: ranks[item.subset, default: 0], index: index)
        }
        let first = order.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.prefix(max(0, limit))
        return first.map(\.index).sorted().map { items[$0] }
    }
}

/// The rows that are kept, as metrics look them up.
struct Roster {
    let items: [SuiteItem]
    /// Each item's cluster as a number.
    let clusters: [Int]
    /// Subsets in the order in which they appear.
    let subsets: [String]
    private let bySubset: [String: [Int]]
    private let byId: [String: Int]

    init(_ items: [SuiteItem]) {
        self.items = items
        var numbers: [String: Int] = [:]
        clusters = items.map { item in
            let number = numbers[item.cluster] ?? numbers.count
            numbers[item.cluster] = number
            return number
        }
        bySubset = Dictionary(grouping: items.indices, by: { items[$0].subset })
        var seen: Set<String> = []
        subsets = items.map(\.subset).filter { seen.insert($0).inserted }
        byId = Dictionary(items.enumerated().map { ($1.group.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// All items, each a unit of its own.
    var all: [[Int]] { items.indices.map { [$0] } }

    /// A subset's items, each a unit of its own; empty where there is no such subset.
    func units(_ subset: String) -> [[Int]] { indices(subset).map { [$0] } }

    func indices(_ subset: String) -> [Int] { bySubset[subset] ?? [] }

    /// The item that another one is measured against.
    func counterpart(of index: Int) -> Int? { items[index].counterpart.flatMap { byId[$0] } }
}

import JSON
import Ledger
import Testing

@Suite struct LedgerResultTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.file("assay.sqlite"))
    }

    private let table = [
        ResultRecord(
            reward: 0, subset: "chat", metric: "accuracy", point: 2 / 3, lower: 0.1, upper: 0.9, level: 0.95,
            method: "wilson",
            n: 300, comparisons: 900, clusters: 150, ties: 0, truncated: 3, details: ["ties": "strict"]),
        ResultRecord(
            reward: 1, reference: 0, subset: "chat", metric: "accuracy", point: -.pi, lower: -.infinity,
            method: "paired t",
            pValue: .leastNonzeroMagnitude, test: "exact McNemar"),
        ResultRecord(metric: "rows", n: 0),
    ]

    @Test("Levels and contrasts come back in their order, to the bit, and what is missing stays missing")
    func roundTrip() throws {
        let id = try ledger.beginRun(.example)
        try ledger.replaceResults(table, of: id)
        #expect(try ledger.results(of: id) == table)
        #expect(try ledger.results(of: id)[2].ties == nil)
    }

    @Test("A run's results are replaced as a whole, another's are left alone")
    func replacement() throws {
        let id = try ledger.beginRun(.example)
        let other = try ledger.beginRun(.example)
        try ledger.replaceResults(table, of: id)
        try ledger.replaceResults(table, of: other)
        try ledger.replaceResults([table[1]], of: id)
        #expect(try ledger.results(of: id) == [table[1]])
        #expect(try ledger.results(of: other) == table)
    }

    @Test("A number that is none is stored as missing")
    func notANumber() throws {
        let id = try ledger.beginRun(.example)
        try ledger.replaceResults([ResultRecord(metric: "accuracy", point: .nan)], of: id)
        #expect(try ledger.results(of: id) == [ResultRecord(metric: "accuracy")])
    }
}

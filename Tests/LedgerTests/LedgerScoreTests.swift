import Diagnostics
import GRDB
import JSON
import Testing

@testable import Ledger

@Suite struct LedgerScoreTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.file("assay.sqlite"))
    }

    @Test("Scores come back in the order of rows, each reward's apart")
    func roundTrip() throws {
        let id = try ledger.beginRun(.example)
        try ledger.appendScores([.example(row: 2), .example(reward: 1, row: 0), .example(row: 0)], to: id)
        try ledger.appendScores([.example(row: 1)], to: id)
        #expect(try ledger.scores(of: id, reward: 0) == [.example(row: 0), .example(row: 1), .example(row: 2)])
        #expect(try ledger.scores(of: id, reward: 1) == [.example(reward: 1, row: 0)])
        #expect(try ledger.scores(of: id, reward: 2).isEmpty)
        #expect(try ledger.scoredRows(of: id, reward: 0) == [0, 1, 2])
    }

    @Test("Doubles come back with the bits with which they went in")
    func bits() throws {
        var state: UInt64 = 1
        let random = (0..<2000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(bitPattern: state)
        }.filter { !$0.isNaN }
        let scores: [Double] = [
            0, -0.0, 0.1, 1 / 3, .pi, 1e16, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity,
            -.infinity,
        ]
        let record = ScoreRecord(
            reward: 0, row: 0, rowID: "a", scores: scores + random, tokens: [], truncated: [],
            perToken: [scores, [], random])
        let id = try ledger.beginRun(.example)
        try ledger.appendScores([record], to: id)
        let read = try #require(try ledger.scores(of: id, reward: 0).first)
        #expect(read.scores.map(\.bitPattern) == record.scores.map(\.bitPattern))
        #expect(read.perToken?.map { $0.map(\.bitPattern) } == record.perToken?.map { $0.map(\.bitPattern) })
    }

    @Test("A row that failed keeps its reason and counts as not scored until it is scored")
    func failures() throws {
        let id = try ledger.beginRun(.example)
        let failed = ScoreRecord(
            reward: 0, row: 1, rowID: "é \"1\"", scores: [], tokens: [], truncated: [], failure: "the response is empty"
        )
        try ledger.appendScores([.example(row: 0), failed], to: id)
        #expect(try ledger.scores(of: id, reward: 0)[1] == failed)
        #expect(try ledger.scoredRows(of: id, reward: 0) == [0])
        try ledger.appendScores([.example(row: 1)], to: id)
        #expect(try ledger.scores(of: id, reward: 0)[1] == .example(row: 1))
        #expect(try ledger.scoredRows(of: id, reward: 0) == [0, 1])
    }

    @Test("A batch that cannot be written whole is not written at all")
    func wholeBatches() throws {
        let id = try ledger.beginRun(.example)
        try ledger.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON score WHEN NEW.row = 3
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """)
        }
        try ledger.appendScores([.example(row: 0)], to: id, cost: RunCost(seconds: 1, tokens: 1))
        #expect(throws: Diagnostic.self) {
            try ledger.appendScores([.example(row: 2), .example(row: 3)], to: id, cost: RunCost(seconds: 1, tokens: 1))
        }
        #expect(try ledger.scoredRows(of: id, reward: 0) == [0])
        #expect(try ledger.run(id)?.cost == RunCost(seconds: 1, tokens: 1))
    }

    @Test("SQLite can look into the lists")
    func readableBySQL() throws {
        let id = try ledger.beginRun(.example)
        try ledger.appendScores([.example(row: 3)], to: id)
        let sum = try ledger.read { database in
            try Double.fetchOne(database, sql: "SELECT sum(value) FROM score, json_each(tokens)")
        }
        #expect(sum == 9)
    }
}

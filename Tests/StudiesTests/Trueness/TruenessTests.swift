import Diagnostics
import Experiment
import Foundation
import JSON
import Ledger
import Statistics
import Testing

@testable import Studies

@Suite struct TruenessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("A rate does not depend on how many replicates run at once")
    func jobs() async throws {
        var rows: [[TruenessRow]] = []
        for jobs in [1, 3] {
            rows.append([
                try await Replication(count: 700, jobs: jobs).rate("a coin", .reported) { (stream) in
                    stream.uniform() < 0.3
                }
            ])
            rows[rows.count - 1] += try await Replication(count: 700, jobs: jobs).means([("a normal", .unbiased)]) {
                (stream) in [stream.normal()]
            }
        }
        #expect(rows[0] == rows[1])
        #expect(rows[0][0].replicates == 700)
        #expect((rows[0][0].measured.point - 0.3).magnitude < 0.06)
        #expect(rows[0][1].holds)
    }

    @Test("A row that breaks its promise is measured again, with ten times the replicates")
    func confirmation() async throws {
        let wrong = try await Replication(count: 300).rate("a tenth", .atMost(0.05)) { (stream) in
            stream.uniform() < 0.1
        }
        #expect(wrong.replicates == 3000)
        #expect(!wrong.holds)
        let right = try await Replication(count: 300).rate("a fortieth", .atMost(0.05)) { (stream) in
            stream.uniform() < 0.025
        }
        #expect(right.replicates == 300)
        #expect(right.holds)
    }

    @Test("An error thrown in a replicate is the measurement's")
    func failure() async {
        await #expect(throws: Diagnostic.self) {
            try await Replication(count: 300, jobs: 2).rate("fails", .reported) { (stream) throws(Diagnostic) in
                guard stream.uniform() < 0.5 else { throw Diagnostic(.badData, "no", remedy: "none") }
                return true
            }
        }
    }

    @Test("A coverage holds between 93% and 97%, a bias where its interval has 0, a width always")
    func promises() throws {
        func row(_ promise: TruenessRow.Promise, _ hits: Int) throws -> Bool {
            try TruenessRow("x", promise, hits: hits, of: 10_000).holds
        }
        #expect(try row(TruenessRow.fixedN, 9301) && !row(TruenessRow.fixedN, 9299) && !row(TruenessRow.fixedN, 9701))
        // Clopper and Pearson's lower end of 545 in 10,000 is 5.01%, of 543 4.99%.
        #expect(try row(.atMost(0.05), 543) && !row(.atMost(0.05), 545))
        #expect(try row(.reported, 1))
        let interval = Interval(lower: 0, upper: 0, level: 0.95, method: "", validity: .fixedN)
        let bias = TruenessRow(
            what: "x", promise: .unbiased,
            measured: Estimate(point: 0.34, standardError: 0.1, interval: interval, n: 1, clusters: 1), replicates: 1)
        #expect(!bias.holds)
    }

    @Test("A population that is moved has the means it was moved to, and its own spread")
    func population() {
        let population = SeedPopulation(columns: [[1, 2, 6], [0, 1, 0]])
        let moved = population.moved(to: [0, -5])
        #expect(population.means == [3, 1.0 / 3])
        #expect(zip(moved.means, [0, -5]).allSatisfy { ($0 - $1).magnitude < 1e-12 })
        #expect(zip(moved.deviations, population.deviations).allSatisfy { ($0 - $1).magnitude < 1e-12 })
        #expect((population.deviations[0] - 7.0.squareRoot()).magnitude < 1e-12)
        var stream = RandomStream(seed: 1, purpose: "test")
        #expect(population.draw(50, &stream).allSatisfy(population.rows.contains))
    }

    @Test("The designs are studies that the runner can plan, and no two A/A studies share a seed")
    func designs() throws {
        let names = Set(try TruenessDesigns.bank(seeds: 20).arms().map(\.name))
        #expect(names == Set(TruenessBank.Arm.all.map(\.name)))
        let first = try TruenessDesigns.sameAgain(study: 0, seeds: 8)
        let second = try TruenessDesigns.sameAgain(study: 1, seeds: 8)
        #expect(first.seeds.count == 8 && Set(first.seeds).isDisjoint(with: second.seeds))
        #expect(try first.arms().map(\.role) == [.design, .sameAgain])
        for design in [first, try TruenessDesigns.bank(seeds: 20)] {
            _ = try StudyPlan(design) { (settings, path) throws(Diagnostic) in
                try RunCheck.cost(settings, path: path, folder: ".")
            }
        }
        #expect(throws: Diagnostic.self) { try TruenessDesigns.bank(seeds: 19) }
    }

    @Test("On a bank of known noise every check runs, and fixed-n intervals cover as they say")
    func checks() async throws {
        let bank = try SyntheticBank.make(seeds: 24, in: folder)
        #expect(bank.runs == 24 * 11)
        #expect(try bank.series(.base, "gold.mean")[0].count == 30)
        let replication = Replication(count: 60, jobs: 2)
        let optimum = try await OptimumChecks(bank: bank, replication: replication).table()
        let tracking = try await TrackingChecks(bank: bank, replication: replication).table()
        let isTrue = (optimum.rows + tracking.rows).allSatisfy { $0.holds }
        #expect(isTrue)
        let population = SeedPopulation(try bank.finals(.base, "exact.gold"))
        let truth = population.means[0]
        let row = try await Replication(count: 2000).rate("t", TruenessRow.fixedN) { (stream) throws(Diagnostic) in
            try studentMean(population.drawValues(12, &stream)).interval.contains(truth)
        }
        #expect((row.measured.point - 0.945).magnitude < 0.03)
    }

    @Test("What is printed of paths covers and alarms about as it says, on a bank of known noise")
    func paths() async throws {
        let bank = try SyntheticBank.make(seeds: 40, in: folder)
        let trained = try SyntheticBank.trained()
        let table = try await PathChecks(
            bank: bank, trained: trained, replication: Replication(count: 200, jobs: 2)
        ).table()
        #expect(table.rows.count > 25)
        for row in table.rows {
            switch row.promise {
            case .coverage: #expect((0.88...1).contains(row.measured.point), "\(row.what): \(row.measured.point)")
            case .atMost: #expect(row.measured.point < 0.12, "\(row.what): \(row.measured.point)")
            case .unbiased, .reported: break
            }
        }
        #expect(table.rows.contains { $0.what.hasPrefix("peak of ") })
    }

    @Test("An A/A study whose report says that the copy differs is an alarm, as the report words it")
    func alarms() throws {
        func records(_ difference: Double) throws -> [JSONValue] {
            func arm(_ name: String, role: Arm.Role, _ shift: Double) -> ArmReadings {
                let runs = (0..<8).map { seed in
                    var run = RunReadings(isDone: true)
                    run.series["exact.gold"] = [.init(step: 20, value: 0.5 + shift + 0.001 * Double(seed % 3))]
                    return run
                }
                var levels: JSONObject = ["accuracy": 0.7]
                if role != .design { levels[Arm.Role.key] = .string(role.rawValue) }
                return ArmReadings(name: name, levels: levels, runs: runs)
            }
            let design = try TruenessDesigns.sameAgain(study: 0, seeds: 8)
            var reader = try SettingsReader(["outcome": "exact.gold", "margin": 0.0001], path: "a")
            let analysis = try LevelsAnalysis(&reader, of: design)
            var findings = Findings(title: "t", question: "q")
            let copy = (0..<8).map { difference + 0.0001 * Double($0 % 2) }
            var second = arm("a-a of accuracy=0.7", role: .sameAgain, 0)
            second = ArmReadings(
                name: second.name, levels: second.levels,
                runs: zip(second.runs, copy).map { run, shift in
                    var run = run
                    run.series["exact.gold"]?[0].value += shift
                    return run
                })
            try analysis.add(
                StudyReadings(arms: [arm("accuracy=0.7", role: .design, 0), second], seeds: Array(0..<8)), to: &findings
            )
            return findings.records.filter { $0.kind == "verdict" }.map(\.content)
        }
        #expect(try Trueness.isAlarm(records(0.2)))
        #expect(try !Trueness.isAlarm(records(-0.00005)))
        #expect(throws: Diagnostic.self) { try Trueness.isAlarm([]) }
    }

    @Test("One direction has to be that of most seeds for a study to say that the correlation breaks or rises")
    func directions() throws {
        func verdict(_ steps: [(Double, change: Double)?]) throws -> String {
            let line = try changePoint(
                (0..<20).map { $0 < 10 ? 0.0 : 1 }, model: .level, replicates: 19, stream: .init(seed: 1, purpose: "t"))
            return BrokenTruth(
                steps.map { step in
                    guard let step else { return .init(step: nil, change: nil, lastRead: 100) }
                    var change = line
                    change.change = step.change
                    return .init(step: step.0, change: change, lastRead: 100)
                }, lastStep: 100
            ).verdict
        }
        #expect(try verdict([nil, nil, nil, nil]) == "no break in the correlation with gold")
        #expect(try verdict([(30, 1), nil, nil, nil]) == "no break in the correlation with gold in most seeds")
        #expect(try verdict([(30, -1), nil, nil, nil]) == "no break in the correlation with gold in most seeds")
        #expect(try verdict([(30, 1), (40, 1), nil, nil]) == "no break in the correlation with gold in most seeds")
        #expect(try verdict([(30, 1), (40, 1), (60, 1), nil]) == "the correlation with gold rises, median step 40")
        let ended = (0..<3).map { _ in BreakDetection.Break(step: nil, change: nil, lastRead: 50) }
        let whole = BreakDetection.Break(step: nil, change: nil, lastRead: 100)
        #expect(BrokenTruth(ended + [whole], lastStep: 100).verdict == "the correlation with gold ends, median step 50")
        #expect(
            BrokenTruth([ended[0], whole, whole], lastStep: 100).verdict == "no break in the correlation with gold")
        #expect(try verdict([(30, -1), (50, -1), (40, -1), nil]) == "the correlation with gold breaks, median step 40")
    }

    @Test("A table says what was promised and measured, and which row misses")
    func markdown() throws {
        let table = TruenessTable(
            title: "A part", prose: "Prose.",
            rows: [
                try TruenessRow("good", TruenessRow.fixedN, hits: 950, of: 1000),
                try TruenessRow("bad", .atMost(0.05), hits: 100, of: 1000),
            ])
        #expect(
            table.markdown == """
                ## A part
                Prose.

                | what | promised | measured [95% MC interval] | replicates | |
                |---|---|---|---|---|
                | good | 93%-97% | 95% [93.5%, 96.3%] | 1000 | holds |
                | bad | at most 5% | 10% [8.2%, 12%] | 1000 | **misses** |

                """)
    }
}

import ArgumentParser
import Benching
import Credit
import Diagnostics
import JSON
import Studies

/// `assay trueness`: what `make trueness` runs; not for users' own questions.
struct TruenessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trueness", abstract: "Measures the instrument on itself and writes what came out.",
        shouldDisplay: false)

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
    var output = "docs/TRUENESS.md"

    @Option(help: ArgumentHelp("The SQLite file that keeps the runs.", valueName: "file"), completion: .file())
    var bank = ".build/trueness.sqlite"

    @Option(help: ArgumentHelp("Seeds of the bank.", valueName: "count"))
    var bankSeeds = 200

    @Option(help: ArgumentHelp("Whole A/A studies.", valueName: "count"))
    var studies = 200

    @Option(help: ArgumentHelp("Replicates of each rate.", valueName: "count"))
    var replicates = 10_000

    @Option(help: ArgumentHelp("Processes and threads at once; by default one a core.", valueName: "count"))
    var jobs: Int?

    func validate() throws {
        for (name, value) in [("studies", studies), ("replicates", replicates), ("jobs", jobs ?? 1)] where value < 1 {
            throw ValidationError("--\(name) should be at least 1, but this is \(value)")
        }
    }

    func run() async throws {
        try OutputFolder.make(for: bank)
        try OutputFolder.make(for: output)
        let report = try await measure()
        let credit = try await measureCredit()
        let sections = credit.map {
            TruenessReport.Section(markdown: $0.markdown, promises: $0.promises, misses: $0.misses)
        }
        try TableFile.write(report.markdown(sections), to: output)
        let misses = report.misses + credit.flatMap(\.misses)
        for miss in misses { Terminal.writeError("misses: \(miss)\n") }
        print(output)
        if !misses.isEmpty { throw ExitCode(3) }
    }

    /// How true estimates of credit are, over planted systems.
    private func measureCredit() async throws -> [CreditStudyResult] {
        var results: [CreditStudyResult] = []
        for study in CreditStudy.allCases {
            results.append(try await study.run(jobs: jobs ?? MachineFacts().cores) { Terminal.writeError($0 + "\n") })
        }
        return results
    }

    private func measure() async throws -> TruenessReport {
        let interruption = Program.interruption
        var trueness = Trueness(worker: .thisProgram(["worker"]))
        trueness.ledgerPath = bank
        trueness.bankSeeds = bankSeeds
        trueness.studies = studies
        trueness.replicates = replicates
        trueness.jobs = jobs ?? MachineFacts().cores
        trueness.progress = { Terminal.writeError($0 + "\n") }
        trueness.isInterrupted = { interruption.isRequested }
        interruption.listen {}
        defer { interruption.stopListening() }
        return try await trueness.measure(parts: StudyProgram.parts)
    }
}

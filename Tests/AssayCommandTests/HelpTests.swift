import Foundation
import TestSupport
import Testing

struct HelpTests {
    /// Where a golden file is missing it is written, and the test fails, so that somebody looks at it.
    @Test(
        "Help is as it was",
        arguments: [
            [], ["score"], ["bench"], ["run"], ["study"], ["study", "list"], ["study", "show"], ["study", "run"],
            ["report"], ["demo"], ["doctor"], ["example"], ["serve"], ["credit"], ["credit", "record"],
            ["credit", "list"],
            ["credit", "check"], ["credit", "estimate"], ["credit", "swap"], ["credit", "tasks"], ["credit", "roles"],
            ["credit", "page"], ["credit", "export"], ["credit", "import"], ["credit", "play"],
        ])
    func help(verb: [String]) throws {
        let result = try Command.run(verb + ["--help"], in: TemporaryFolder())
        #expect(result.code == 0)
        #expect(result.error == "")
        let golden = Place.fixture("commands/\(verb.isEmpty ? "assay" : verb.joined(separator: "-")).help.txt")
        guard let expected = try? String(contentsOfFile: golden, encoding: .utf8) else {
            try FileManager.default.createDirectory(
                atPath: Place.fixture("commands"), withIntermediateDirectories: true)
            try result.output.write(toFile: golden, atomically: true, encoding: .utf8)
            Issue.record("recorded \(golden); look at it and run again")
            return
        }
        #expect(result.output == expected)
    }

    @Test("The version is printed")
    func version() throws {
        #expect(try Command.run(["--version"], in: TemporaryFolder()).output == "0.1.0\n")
    }

    @Test("Completion scripts are made for every shell", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) throws {
        let result = try Command.run(["--generate-completion-script", shell], in: TemporaryFolder())
        #expect(result.code == 0)
        #expect(result.output.contains("rewardbench2"))
    }

    @Test("What the parser refuses exits 64 with the usage")
    func usage() throws {
        let folder = try TemporaryFolder()
        let missing = try Command.run(["score"], in: folder)
        #expect(missing.code == 64)
        #expect(
            missing.error == """
                assay: error: Missing expected argument '--reward <spec>'
                Help:  --reward <spec>  What scores: kind:source?key=value&… (below).
                Usage: assay score [<options>] --reward <spec> --input <file>
                  See 'assay score --help' for more information.

                """)
        #expect(try Command.run(["frobnicate"], in: folder).code == 64)
        #expect(try Command.run(["score", "--frobnicate"], in: folder).code == 64)
    }
}

import Foundation
import JSON
import TestSupport
import Testing

/// What a user can get wrong, each with its own sentence and exit code.
struct ErrorTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(rows(1), to: "ok.jsonl")
    }

    private func score(_ arguments: String...) throws -> Command.Result {
        var all = ["score", "--output", "out.jsonl", "--quiet"]
        if !arguments.contains("--reward") { all += ["--reward", "rule:length"] }
        if !arguments.contains("--input") { all += ["--input", "ok.jsonl"] }
        return try Command.run(all + arguments, in: folder)
    }

    private static let sound = Data(rows(1).utf8)

    static let rowCases: [(content: Data, message: String)] = [
        (
            sound + Data("{\"prompt\": \"x\", \"response\": }\n".utf8),
            "in.jsonl:2: not valid JSON: a value cannot start with '}' (column 29). Correct the text there."
        ),
        (
            sound + Data("{\"prompt\": \"x\"}\n".utf8),
            "in.jsonl:2: responses: the row has no responses. Give \"responses\", \"response\", or \"chosen\" with \"rejected\"."
        ),
        (
            sound + Data("{\"prompt\": \"x\", \"responses\": [\"a\", \"\"]}\n".utf8),
            "in.jsonl:2: responses[1]: the response is empty. Give it a text, or remove it from the row."
        ),
        (
            sound + Data("{\"prompt\": \"".utf8) + Data([0xFF]) + Data("\", \"response\": \"a\"}\n".utf8),
            "in.jsonl:2: not valid JSON: it is not UTF-8 (column 13). Save the text as UTF-8."
        ),
        (
            sound + sound,
            "in.jsonl:2: id: the id 'r0' was given on line 1 already. Give each row an id of its own, or none."
        ),
        (Data(), "in.jsonl: the file is empty. Give a file with one JSON value a line."),
    ]

    @Test("Bad rows are told by line and field", arguments: rowCases)
    func badRows(content: Data, message: String) throws {
        try folder.write(content, to: "in.jsonl")
        let result = try score("--input", "in.jsonl")
        #expect(result.error == "assay: error: \(message)\n")
        #expect(result.code == 65)
        #expect(!folder.exists("out.jsonl"))
    }

    static let argumentCases: [(arguments: [String], code: Int32, message: String)] = [
        (["--input", "no.jsonl"], 66, "no.jsonl: there is no such file. Check the path and its permissions."),
        (["--input", "."], 66, ".: this is a folder, but a file is needed. Name a file inside it."),
        (
            ["--input", "-"], 64,
            "rows cannot be read from standard input, because they are read more than once. Write them to a file and name it with --input."
        ),
        (
            ["--output", "."], 66,
            ".: this is a folder, but scores are written to a file. Name a file inside it with --output."
        ),
        (
            ["--output", "no/out.jsonl"], 66,
            "no/out.jsonl: the output cannot be written: No such file or directory. Check that the folder is there and may be written, or name another file with --output."
        ),
        (
            ["--output", "ok.jsonl"], 64,
            "ok.jsonl: the output would be written over the input. Name another file with --output."
        ),
        (
            ["--output", "/dev/full"], 69,
            "/dev/full: there is no room to write on (No space left on device). Name another file with --output."
        ),
        (["--ledger", "."], 66, ".: this is a folder, but the ledger is a file. Name a file inside it with --ledger."),
        (
            ["--reward", "rule:lenght"], 64,
            "reward 'rule:lenght': there is no rule 'lenght'. Did you mean 'length'? The rules are length, markdown, coin."
        ),
        (
            ["--reward", "explicit:no"], 66,
            "no: there is no readable config.json. Name a checkpoint folder in Hugging Face's format."
        ),
        (
            ["--per-token"], 64,
            "--per-token: rule has no rewards per token. Leave --per-token out, or use a reward that sums over tokens, such as endogenous or likelihood."
        ),
    ]

    @Test("What was named wrongly is told with a way out", arguments: argumentCases)
    func badArguments(arguments: [String], code: Int32, message: String) throws {
        var all = ["score", "--quiet"]
        for (name, value) in [("--output", "out.jsonl"), ("--reward", "rule:length"), ("--input", "ok.jsonl")]
        where !arguments.contains(name) {
            all += [name, value]
        }
        let result = try Command.run(all + arguments, in: folder)
        #expect(result.error == "assay: error: \(message)\n")
        #expect(result.code == code)
    }

    @Test("A recorded NaN is no score")
    func recordedNaN() throws {
        try folder.write("{\"id\":\"r0\",\"scores\":[1.0,NaN,2.0]}\n", to: "nan.jsonl")
        let result = try score("--reward", "recorded:nan.jsonl")
        #expect(
            result.error
                == "assay: error: nan.jsonl:1: scores[1]: the score is NaN (id 'r0'). Score the row again, or leave it out; missing is not zero.\n"
        )
        #expect(result.code == 65)
    }

    @Test("An output that is there is not written over")
    func existingOutput() throws {
        try folder.write("mine\n", to: "out.jsonl")
        let result = try score()
        #expect(
            result.error
                == "assay: error: out.jsonl: the output file is there already. Go on with it with --resume, write it anew with --overwrite, or name another file.\n"
        )
        #expect(result.code == 64)
        #expect(try folder.bytes("out.jsonl") == Data("mine\n".utf8))
    }

    @Test("Rows that could not be scored are listed, and the code says that it is a part")
    func partial() throws {
        try folder.write(Self.sound + Data("{\"prompt\": \"x\"}\n".utf8), to: "in.jsonl")
        let result = try score("--input", "in.jsonl", "--skip-bad-rows")
        #expect(result.code == 4)
        #expect(
            result.error == """
                  row-2: line 2: responses: the row has no responses. Give "responses", "response", or "chosen" with "rejected".
                assay: error: out.jsonl: 1 of 2 rows could not be scored. Each has its error in the output; correct them and score them again.

                """)
    }

    @Test("Without libtorch a reward that needs it says how to get it")
    func withoutTorch() throws {
        // The variable names a place where nothing is.
        let running = try Command.Running(
            executable: "/usr/bin/env",
            ["ASSAY_TORCH_SHIM=/nowhere", Command.path, "doctor", "--strict"], in: folder)
        let result = running.finish()
        #expect(result.code == 66)
        #expect(
            result.error
                == "assay: error: libtorch is not set up: libassay-torch.so was not found. Run scripts/setup in Assay's folder, or set ASSAY_TORCH_SHIM to the library's path.\n"
        )
        #expect(result.output.contains("libtorch    not there: no model can be scored, no run or study made\n"))
    }
}

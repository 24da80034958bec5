import Diagnostics
import Experiment
import Foundation
import Suites
import TestSupport
import Testing

private func diagnostic(_ suite: Suite, _ path: String, _ options: LoadOptions = LoadOptions()) -> Diagnostic? {
    do throws(Diagnostic) {
        _ = try suite.load(path: path, options: options)
        return nil
    } catch { return error }
}

@Suite("Bad input gets one clear error")
struct BadInputTests {
    /// Suite, text of the file, line, field, part of the message.
    static let cases: [(Suite, String, Int?, String?, String)] = [
        (.pairs, "", nil, nil, "the file is empty"),
        (.pairs, " \n\n", nil, nil, "no rows"),
        (.pairs, "[]", nil, nil, "no rows"),
        (.pairs, "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n{\"prompt\":", 2, nil, "the text ends"),
        (
            .pairs, "[{\"prompt\": \"p\",\n \"chosen\": \"c\", \"rejected\": \"r\"},\n {\"prompt\": nope}]", 3, nil,
            "(column 13)"
        ),
        (.pairs, "[{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}", 1, nil, "closing bracket"),
        (.pairs, "[{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}] x", 1, nil, "more text"),
        (.pairs, "3", 1, nil, "a row should be an object"),
        (.pairs, "{\"prompt\": \"p\", \"chosen\": \"c\"}", 1, "rejected", "the field is missing"),
        (.pairs, "{\"prompt\": 3, \"chosen\": \"c\", \"rejected\": \"r\"}", 1, "prompt", "this is a number"),
        (.pairs, "{\"prompt\": \"p\", \"chosen\": [\"c\", 1], \"rejected\": \"r\"}", 1, "chosen[1]", "a string"),
        (.pairs, "{\"prompt\": \"p\", \"chosen\": [], \"rejected\": \"r\"}", 1, "chosen", "the list is empty"),
        (.pairs, "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": [\"r\", \" \"]}", 1, "rejected[1]", "empty"),
        (
            .pairs, "{\"prompt\": [{\"role\": \"user\"}], \"chosen\": \"c\", \"rejected\": \"r\"}", 1, "prompt[0]",
            "message"
        ),
        (
            .pairs,
            "{\"id\": 1, \"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n{\"id\": \"1\", \"prompt\": \"q\", \"chosen\": \"c\", \"rejected\": \"r\"}",
            2, "id", "already used"
        ),
        (
            .rewardBench,
            "{\"id\": 1, \"subset\": \"chat\", \"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}", 1,
            "subset", "no subset 'chat'"
        ),
        (
            .rewardBench2, "{\"id\": \"1\", \"subset\": \"Math\", \"num_correct\": 1, \"scores\": [0.5, NaN]}", 1,
            "scores[1]", "NaN"
        ),
        (.rewardBench2, "{\"id\": \"1\", \"subset\": \"math\"}", 1, "subset", "no subset 'math'"),
        (
            .rewardBench2, "{\"id\": \"1\", \"subset\": \"Math\", \"num_correct\": 2, \"scores\": [0.5, 1]}", 1,
            "num_correct", "2 of 2"
        ),
        (
            .rewardBench2,
            "{\"id\": \"x:1\", \"subset\": \"Ties\", \"num_correct\": 1, \"total_completions\": 2, \"scores\": [0.5, 1]}",
            1, "id",
            "ref:N or tied:N"
        ),
        (
            .rewardBench2,
            "{\"id\": \"1\", \"subset\": \"Math\", \"num_correct\": 1, \"total_completions\": 4, \"scores\": [0.5, 1]}",
            1,
            "total_completions", "total_completions is 4"
        ),
        (
            .rmBench,
            "{\"id\": \"1\", \"domain\": \"law\", \"prompt\": \"p\", \"chosen\": [\"a\"], \"rejected\": [\"b\"]}", 1,
            "domain", "no domain 'law'"
        ),
        (
            .rmBench,
            "{\"id\": \"1\", \"domain\": \"chat\", \"prompt\": \"p\", \"chosen\": [\"a\"], \"rejected\": [\"b\"]}", 1,
            "chosen", "three chosen"
        ),
        (
            .rewardMATH, "[{\"problem\": \"p\", \"solution_reference\": [\"a\", \"b\"], \"score\": [1]}]", 1, "score",
            "1 scores for 2 solutions"
        ),
        (
            .rewardMATH, "[{\"problem\": \"p\", \"solution_reference\": [\"a\", \"b\"], \"score\": [1, []]}]", 1,
            "score[1]",
            "no step scores"
        ),
        (
            .judgeBench,
            "{\"pair_id\": \"1\", \"source\": \"s\", \"question\": \"q\", \"response_A\": \"a\", \"response_B\": \"b\", \"label\": \"A\"}",
            1, "label", "A>B or B>A"
        ),
        (
            .judgeBench,
            "{\"pair_id\": \"1\", \"source\": \"s\", \"question\": \"q\", \"response_A\": \"a\", \"response_B\": \"b\", \"label\": \"A>B\", \"judgments\": [{\"judgment\": {\"scores\": [1]}, \"decision\": null}]}",
            1, "judgments[0].judgment.scores", "two scores"
        ),
        (
            .ppe,
            "{\"question_id\": 1, \"prompt\": \"p\", \"response_1\": \"a\", \"response_2\": \"b\", \"scores\": [true, false], \"sampled_conflict_pairs\": [[0, 2]]}",
            1, "sampled_conflict_pairs[0]", "0 to 1"
        ),
        (
            .ppe, "{\"question_id\": 1, \"prompt\": \"p\", \"response_1\": \"a\", \"scores\": [true, false]}", 1,
            "scores",
            "2 scores for 1 responses"
        ),
        (.llmBar, "[{\"input\": \"i\", \"output_1\": \"a\", \"output_2\": \"b\", \"label\": 3}]", 1, "label", "1 or 2"),
        (
            .pandaLM, "[{\"idx\": 1, \"annotator1\": 1, \"annotator2\": 5, \"annotator3\": 1}]", 1, "annotator2",
            "0, 1 or 2"
        ),
        (.hh, "{\"chosen\": \"x\"}", 1, "rejected", "missing"),
        (.persona, "{\"question\": \"q\"}", 1, "answer_matching_behavior", "missing"),
        (
            .shift,
            "{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"b\", \"orig_chosen\": \"a\", \"orig_index\": 0}", 1,
            "orig_rejected", "missing"
        ),
    ]

    @Test("with file, line, field and remedy", arguments: cases.indices)
    func located(index: Int) throws {
        let (suite, text, line, field, message) = Self.cases[index]
        let folder = try TemporaryFolder()
        let path = try folder.write(text, to: "rows.jsonl")
        let error = try #require(diagnostic(suite, path))
        #expect(error.category == .badData)
        #expect(error.location.file == path)
        #expect(error.location.line == line)
        #expect(error.location.field == field)
        #expect(error.message.contains(message), "\(error)")
        #expect(!error.remedy.isEmpty)
    }

    @Test("where text is not UTF-8, a Parquet file, or damaged gzip")
    func bytes() throws {
        let folder = try TemporaryFolder()
        let latin =
            Array("{\"prompt\": \"caf".utf8) + [0xE9] + Array("\", \"chosen\": \"c\", \"rejected\": \"r\"}".utf8)
        let error = diagnostic(.pairs, try folder.write(latin, to: "latin.jsonl"))
        #expect(error?.category == .badData)
        #expect(error?.location.line == 1)
        #expect(error?.message.contains("UTF-8") == true)
        #expect(diagnostic(.pairs, try folder.write("PAR1...", to: "rows.jsonl"))?.message == "this is a Parquet file")
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Place.fixture("hh/data/test.jsonl.gz"))))
        let cut = diagnostic(.hh, try folder.write(Array(whole.dropLast(20)), to: "cut.jsonl.gz"))
        #expect(cut?.message == "the gzipped data is cut short")
        var damaged = whole
        damaged[whole.count / 2] ^= 0xFF
        #expect(diagnostic(.hh, try folder.write(damaged, to: "damaged.jsonl.gz"))?.category == .badData)
    }

    @Test("where nothing is at the path, or a folder holds no data")
    func paths() throws {
        let folder = try TemporaryFolder()
        #expect(diagnostic(.pairs, "\(folder.path)/none.jsonl")?.category == .inputMissing)
        let empty = diagnostic(.pairs, folder.path)
        #expect(empty?.category == .inputMissing)
        #expect(empty?.message.contains("holds no .json") == true)
        let row = "[{\"problem\": \"p\", \"solution_reference\": [\"a\", \"b\"], \"score\": [1, 0]}]"
        _ = try folder.write(row, to: "one.json")
        _ = try folder.write(row, to: "two.json")
        #expect(diagnostic(.rewardMATH, folder.path)?.message.contains("one file is one model's results") == true)
    }

    @Test("A row with a byte order mark, Windows line endings and escapes is read as it should be")
    func oddButGood() throws {
        let folder = try TemporaryFolder()
        let row = "{\"prompt\": \"[p], \\\"q\\\"\", \"chosen\": \"c]\", \"rejected\": \"{r\"}"
        let lines = try folder.write("\u{FEFF}\(row)\r\n\r\n\(row)\r\n", to: "lines.jsonl")
        let loaded = try Suite.pairs.load(path: lines)
        #expect(loaded.items.map { $0.group.source?.line } == [1, 3])
        let array = try Suite.pairs.load(path: try folder.write("\n [\n\(row) ,\n\n \(row)\n ]\n", to: "array.json"))
        #expect(array.items.map { $0.group.source?.line } == [3, 5])
        #expect(array.items[1].group.responses == ["c]", "{r"])
    }
}

@Suite("Scores that do not fit are refused")
struct BadScoreTests {
    private let suite: LoadedSuite

    init() throws { suite = try Suite.llmBar.load(path: Place.fixture("llmbar/data")) }

    private func error(_ change: (inout [GroupScore]) -> Void) -> Diagnostic? {
        var scores = suite.lengthScores
        change(&scores)
        do throws(Diagnostic) {
            _ = try suite.evaluate(scores, EvaluationOptions(replicates: 100))
            return nil
        } catch { return error }
    }

    @Test("A NaN names its row")
    func notANumber() {
        let found = error { $0[3].scores[1] = .nan }
        #expect(found?.category == .badData)
        #expect(found?.location.line == suite.items[3].group.source?.line)
        #expect(found?.location.field == "scores of '\(suite.items[3].group.id)'")
        #expect(found?.message == "the score of response 1 is NaN")
    }

    @Test("Missing rows, rows in another order and missing scores are told apart")
    func shape() {
        #expect(error { $0.removeLast() }?.message.contains("14 rows of scores for 15 rows") == true)
        #expect(error { $0.swapAt(0, 1) }?.message.contains("of the row") == true)
        #expect(error { $0[2].scores.removeLast() }?.message == "there are 1 scores for 2 responses")
    }

    @Test("Infinite scores rank, but have no margin")
    func infinite() throws {
        #expect(error { $0[0].scores[0] = -.infinity } == nil)
        let shift = try Suite.shift.load(path: Place.fixture("shift/data"))
        var scores = shift.lengthScores
        scores[0].scores[0] = .infinity
        #expect(throws: Diagnostic.self) { try shift.evaluate(scores, EvaluationOptions(replicates: 100)) }
    }
}

import Diagnostics
import Experiment
import Foundation
import JSON
import Testing

@testable import Worlds

@Suite struct GoldRuleTests {
    private static let shared = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/data/gsm8k")
    private static let hasGSM8K = FileManager.default.fileExists(atPath: shared.path)

    private static func rows(_ name: String) throws -> [JSONValue] {
        let lines = try JSONLines(path: shared.appending(path: name).path)
        var rows: [JSONValue] = []
        while let (_, row) = try lines.next() { rows.append(row) }
        return rows
    }

    @Test(
        "The answer of a solution is the number after ####, or the last one",
        arguments: [
            ("so 3 + 4 = 7\n#### 1,080", "1080"), ("#### $42.50.", "42.5"), ("It costs $1,234,567.00", "1234567"),
            ("16 - 3 = 13", "13"), ("16-3", "3"), ("x = -3.", "-3"), ("a loss of -$5", "-5"), ("$-5", "-5"),
            ("\u{2212}7", "-7"), ("50%", "50"), ("0.50", ".5"), (".5", ".5"), ("-0", ""), ("1,23", "23"),
            ("2020,100", "100"), ("12 apples, 3.", "3"), ("#### 4\n#### 5 and 6", "5"), ("007", "7"),
        ])
    func answers(text: String, number: String) throws {
        let answer = try #require(DecimalNumber.answer(in: text))
        let fraction = answer.fraction.isEmpty ? "" : "." + answer.fraction
        #expect((answer.isNegative ? "-" : "") + answer.digits + fraction == number)
    }

    @Test("Without a number there is no answer", arguments: ["", "none", "7 ####", "-", ".", "$%"])
    func noAnswer(text: String) { #expect(DecimalNumber.answer(in: text) == nil) }

    @Test(
        "Every GSM8K reference has the answer that its last line states, and each of its equations holds",
        .enabled(if: hasGSM8K))
    func references() throws {
        for row in try Self.rows("test.jsonl") {
            let solution = try #require(row["answer"]?.stringValue)
            let stated = try #require(solution.split(separator: "\n").last?.dropFirst(5)).replacing(",", with: "")
            #expect(DecimalNumber.answer(in: solution) == DecimalNumber.numbers(in: String(stated)).last)
            if solution.contains("<<") { #expect(TrueEquationsGold().share(in: solution) == 1) }
        }
    }

    @Test(
        "Judging the published model solutions agrees with the labels that were published with them",
        .enabled(if: hasGSM8K))
    func published() async throws {
        let rule = NumericAnswerGold(field: "ground_truth")
        var disagreements = 0
        for row in try Self.rows("example_model_solutions.jsonl") {
            let prompt = WorldPrompt(
                id: "p", tokens: [0], text: "p", context: ["ground_truth": try #require(row["ground_truth"])])
            for model in ["6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"] {
                let solution = try #require(row[model]?["solution"]?.stringValue)
                let gold = try await rule.gold([Response(tokens: [], text: solution)], to: prompt)
                if (gold == [1]) != row[model]?["is_correct"]?.boolValue { disagreements += 1 }
            }
        }
        #expect(disagreements == 0)
    }

    @Test(
        "The share of annotations that hold",
        arguments: [
            ("<<48/2=24>>24", 1), ("<<48/2=25>> <<2*3=6>>", 0.5), ("none", 0), ("<<1+1=2", 0), ("<<>>", 0),
            ("<<2>>", 0),
            ("<<2*(3+4)=14>>", 1), ("<<1,000*2=2000>>", 1), ("<<$5*2=$10>>", 1), ("<<50%*40=20>>", 1),
            ("<<.5*4=2>>", 1),
            ("<<10/3=3.33>>", 0), ("<<1/0=1>>", 0), ("<<2=2=2>>", 1), ("<<2=2=3>>", 0), ("<<--2=2>>", 1),
            ("<<2+=2>>", 0), ("<<(2=2>>", 0), ("<< <<1=1>>", 1), ("<<1=1>> >>", 1), ("<<a=a>>", 0), ("<<1.2.3=1>>", 0),
            ("<<=>>", 0), ("<<3*4-2/2=11>>", 1),
        ] as [(String, Double)])
    func equations(text: String, share: Double) { #expect(TrueEquationsGold().share(in: text) == share) }

    @Test("Deep nesting is refused, not followed")
    func nesting() {
        let deep = String(repeating: "(", count: 100_000)
        #expect(TrueEquationsGold().share(in: "<<\(deep)1=1>>") == 0)
        #expect(TrueEquationsGold().share(in: "<<\(String(repeating: "-", count: 100_000))1=1>>") == 0)
    }

    private let prompt = WorldPrompt(
        id: "r\"1", tokens: [1], text: "How\nmany?", context: ["answer": "é", "response": 3])

    private func gold(
        _ script: String, _ responses: [String] = ["a"], seconds: Double = 10, range: ClosedRange<Double> = 0...1
    ) async throws -> [Double] {
        let rule = CommandGold(command: ["/bin/sh", "-c", script], seconds: seconds, range: range)
        return try await rule.gold(responses.map { Response(tokens: [], text: $0) }, to: prompt)
    }

    @Test("A command reads the row and the response as a line of JSON and prints a number")
    func command() async throws {
        let line = #"{"id":"r\"1","prompt":"How\nmany?","response":"a","answer":"é"}"#
        #expect(try await gold("[ \"$(cat)\" = '\(line)' ] && echo 0.5") == [0.5])
        #expect(try await gold("if grep -q yes; then echo ' 1'; else echo 0; fi", ["yes", "no"]) == [1, 0])
        #expect(try await gold("echo -2e1", range: -100...0) == [-20])
    }

    @Test("A command that does not read a long input is no trouble")
    func unread() async throws {
        #expect(try await gold("echo 1", [String(repeating: "x", count: 1 << 20)]) == [1])
    }

    @Test(
        "What a command does wrong is an error that says what",
        arguments: [
            ("echo two", "printed 'two\n'"), ("echo 2", "printed '2\n'"), ("echo nan", "printed 'nan\n'"),
            ("true", "printed ''"),
            ("echo 1; echo oh no >&2; exit 3", "ended with exit code 3 (it said: oh no)"),
            ("kill -9 $$", "ended with signal 9"),
        ])
    func failures(script: String, message: String) async throws {
        let error = await #expect(throws: Diagnostic.self) { try await gold(script) }
        #expect(error?.message.contains(message) == true)
        #expect(error?.category == .badData)
    }

    @Test("At the time limit the whole process group is killed, and a grandchild that stays behind as well")
    func timeLimit() async throws {
        let start = ContinuousClock.now
        let error = await #expect(throws: Diagnostic.self) {
            try await gold("sleep 77.125 & sleep 77.125", seconds: 0.2)
        }
        #expect(error?.message.contains("did not end within 0.2 seconds") == true)
        #expect(try await gold("sleep 77.125 & echo 1") == [1])
        let endless = await #expect(throws: Diagnostic.self) { try await gold("yes", seconds: 0.2) }
        #expect(endless?.message.contains("did not end") == true)
        #expect(ContinuousClock.now - start < .seconds(5))
        var left = Self.processes(named: "77.125")
        for _ in 0..<100 where left > 0 {
            try await Task.sleep(for: .milliseconds(20))
            left = Self.processes(named: "77.125")
        }
        #expect(left == 0)
    }

    /// Live processes with a word among their arguments.
    private static func processes(named word: String) -> Int {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.count { number in
            guard Int(number) != nil, let data = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") else {
                return false
            }
            return data.split(separator: 0).contains(Data(word.utf8))
        }
    }

    @Test("A command that is not there is named")
    func missing() async throws {
        let rule = CommandGold(command: ["./no-such-grader"], relativeTo: "/nowhere")
        let error = await #expect(throws: Diagnostic.self) {
            try await rule.gold([Response(tokens: [], text: "a")], to: prompt)
        }
        #expect(error?.category == .inputMissing)
        #expect(error?.message.contains("/nowhere/./no-such-grader") == true)
    }
}

import Diagnostics
import Experiment
import HummingbirdTesting
import JSON
import Rewards
import Serving
import TestSupport
import Testing
import Worlds

/// A judge whose answers are planted: each question is a step with one reply.
private struct PlantedJudge {
    let folder: TemporaryFolder
    let server: ModelServer
    let question: String

    /// - Parameter answers: what is answered to each question.
    init(question: String, answers: [(question: String, answer: String)]) throws {
        folder = try TemporaryFolder()
        var yaml = "planted: judge\nsteps:\n"
        for (index, entry) in answers.enumerated() {
            yaml += "  - name: s\(index)\n    prompt: \(JSONValue.string(entry.question).text)\n"
            yaml += "    replies: [\(JSONValue.string(entry.answer).text)]\n"
        }
        yaml += "outcome: {default: 0}\n"
        let served = try ServedModel.planted(try folder.write(yaml, to: "judge.yaml"), seed: 0, delay: .zero)
        var settings = ServerSettings()
        settings.port = 0
        server = try ModelServer(served, settings: settings)
        self.question = try folder.write(question, to: "question.txt")
    }

    /// Scores one group through the judge.
    ///
    /// - Parameter wrapping: what spec is scored with, of the judge's.
    func score(
        _ responses: [String], _ keys: String, wrapping: @escaping @Sendable (String) -> String = { $0 }
    ) async throws -> (scores: [Double], reward: any ReportingReward) {
        try await server.makeApplication().test(.live) { [question] client in
            let spec = "judge:http://localhost:\(try #require(client.port))/v1?model=m&prompt=\(question)&\(keys)"
            let reward = try await RewardSpec(parsing: wrapping(spec)).makeReward { (_) throws(Diagnostic) in
                throw Diagnostic(.internalFailure, "no model is needed")
            }
            let scores = try await reward.score([Group(id: "g", prompt: .text("P"), responses: responses)])
            return (scores[0].scores, try #require(reward as? any ReportingReward))
        }
    }
}

@Suite struct JudgeTests {
    private static let pairs = "Of {prompt}: <{response_a}> or <{response_b}>?"

    /// x beats y and z whatever the order; between y and z the first place wins.
    private static func answers(yz: String = "[[A]]", zy: String = "[[A]]") -> [(question: String, answer: String)] {
        [
            ("Of P: <x> or <y>?", "I think A. [[A]]"), ("Of P: <y> or <x>?", "[[B]]"), ("Of P: <x> or <z>?", "A"),
            ("Of P: <z> or <x>?", " b \n"), ("Of P: <y> or <z>?", yz), ("Of P: <z> or <y>?", zy),
        ]
    }

    @Test("Pairs are asked in both orders, and what the place decides is counted and cancels")
    func pairwise() async throws {
        let judge = try PlantedJudge(question: Self.pairs, answers: Self.answers())
        let (scores, reward) = try await judge.score(["x", "y", "z"], "mode=pairwise")
        #expect(scores == [1, 0.25, 0.25])
        let report = reward.report
        #expect(try report.at("answers").intValue == 6 && report.at("unreadable").intValue == 0)
        #expect(try report.at("pairs").intValue == 3 && report.at("pairs_agreeing").intValue == 2)
        #expect(try report.at("pairs_for_first_place").intValue == 1)
        #expect(abs(try #require(try report.at("position_bias").doubleValue) - 1.0 / 3) < 1e-12)
        // Clopper and Pearson's bounds for 1 of 1: 0.025 and 1.
        #expect(
            reward.remarks.last
                == "position bias 0.333; where the place decided, it was the first in 1.000 [0.025, 1.000] (exact, 95%, n = 1)"
        )
    }

    @Test("An ensemble says what each of its judges says")
    func ensemble() async throws {
        let judge = try PlantedJudge(question: Self.pairs, answers: Self.answers())
        let (scores, reward) = try await judge.score(["x", "y", "z"], "mode=pairwise") { "mean:[\($0),rule:length]" }
        #expect(scores == [1, 0.625, 0.625])
        let reports = try #require(reward.report.arrayValue)
        #expect(reports.count == 1 && reports[0]["spec"]?.stringValue?.hasPrefix("judge:") == true)
        #expect(try reports[0].at("report").at("pairs_for_first_place").intValue == 1)
        #expect(reward.remarks.contains { $0.hasPrefix("judge:") && $0.contains("position bias 0.333") })
    }

    @Test("An answer without a verdict is counted, and its pair counts for neither response")
    func unreadable() async throws {
        for answer in ["I cannot say.", "[[A]] or [[B]]", "[[D]]", "AB", ""] {
            let judge = try PlantedJudge(question: Self.pairs, answers: Self.answers(yz: answer))
            let (scores, reward) = try await judge.score(["x", "y", "z"], "mode=pairwise")
            #expect(scores == [1, 0, 0], "\(answer)")
            #expect(try reward.report.at("unreadable").intValue == 1 && reward.report.at("pairs_dropped").intValue == 1)
        }
        let judge = try PlantedJudge(
            question: Self.pairs, answers: [("Of P: <x> or <y>?", "no idea"), ("Of P: <y> or <x>?", "[[A]]")])
        let thrown = await #expect(throws: Diagnostic.self) { try await judge.score(["x", "y"], "mode=pairwise") }
        #expect(thrown?.category == .badData && thrown?.message.contains("no idea") == true)
    }

    @Test("A tie is half a win")
    func ties() async throws {
        let judge = try PlantedJudge(question: Self.pairs, answers: Self.answers(yz: "[[C]]", zy: "[[tie]]"))
        #expect(try await judge.score(["x", "y", "z"], "mode=pairwise").scores == [1, 0.25, 0.25])
        let mixed = try PlantedJudge(question: Self.pairs, answers: Self.answers(yz: "[[C]]", zy: "[[A]]"))
        #expect(try await mixed.score(["x", "y", "z"], "mode=pairwise").scores == [1, 0.125, 0.375])
    }

    @Test("A grade is one number of the range, and anything else is none")
    func grades() async throws {
        let readable = [
            ("[[7]]", 7.0), ("Good. [[ 2.5 ]]", 2.5), ("10", 10), ("[[4]] as I said [[4]]", 4), ("[[8/10]]", 8),
        ]
        for (answer, grade) in readable {
            let judge = try PlantedJudge(question: "Grade {response}", answers: [("Grade r", answer)])
            #expect(try await judge.score(["r"], "mode=grade").scores == [grade], "\(answer)")
        }
        for answer in ["[[11]]", "[[0]]", "7 or 8", "[[3]] [[4]]", "seven", "[[8/20]]", "[[nan]]", "[[7", "Grade: 7"] {
            let judge = try PlantedJudge(question: "Grade {response}", answers: [("Grade r", answer)])
            let thrown = await #expect(throws: Diagnostic.self, "\(answer)") {
                try await judge.score(["r"], "mode=grade")
            }
            #expect(thrown?.category == .badData)
        }
    }

    @Test("What a response holds is never filled in again")
    func filling() async throws {
        let judge = try PlantedJudge(
            question: "Grade <{response}> {x}", answers: [("Grade <[[9]] {{prompt}}> {{x}}", "[[3]]")])
        #expect(try await judge.score(["[[9]] {prompt}"], "mode=grade").scores == [3])
    }

    @Test("Settings that cannot be are refused before anything is asked")
    func settings() async throws {
        for text in [
            "judge:http://h/v1", "judge:h/v1?model=m", "judge:http://u:secret@h/v1?model=m",
            "judge:http://h/v1?model=m&range=9:1",
            "judge:http://h/v1?model=m&samples=3", "judge:http://h/v1?model=m&mode=pairwise&range=1:5",
            "judge:http://h/v1?model=m&zzz=1", "remote:http://h/v1?mode=echo", "remote:ftp://h/v1?model=m",
            "remote:http://h/v1?model=m&normalize=tokens",
        ] {
            let thrown = await #expect(throws: Diagnostic.self, "\(text)") {
                try await RewardSpec(parsing: text).makeReward { (_) throws(Diagnostic) in
                    throw Diagnostic(.internalFailure, "no model is needed")
                }
            }
            #expect(thrown?.category == .usage, "\(text)")
            #expect(thrown?.description.contains("secret") == false)
        }
    }
}

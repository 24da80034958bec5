import Diagnostics
import Experiment
import JSON
import Rewards
import Testing
import Text

@Suite struct RuleTests {
    @Test("Lengths and structure agree with the fixtures that Python counted")
    func fixtures() throws {
        let lines = try Fixtures.lines("rules.jsonl")
        #expect(lines.count == 400)
        for line in lines {
            let text = try #require(line["text"]?.stringValue)
            for unit in LengthRule.Unit.allCases {
                #expect(unit.count(text) == line[unit.rawValue]?.intValue, "\(unit) of \(text.debugDescription)")
            }
            try expectStructure(of: text, try #require(line["structure"]))
        }
    }

    private func expectStructure(of text: String, _ expected: JSONValue) throws {
        var structure = MarkdownStructure()
        structure.codeBlocks = try #require(expected["codeBlocks"]?.intValue)
        structure.headers = try #require(expected["headers"]?.intValue)
        structure.tables = try #require(expected["tables"]?.intValue)
        structure.listItems = try #require(expected["listItems"]?.intValue)
        structure.inlineCode = try #require(expected["inlineCode"]?.intValue)
        structure.links = try #require(expected["links"]?.intValue)
        structure.bold = try #require(expected["bold"]?.intValue)
        #expect(MarkdownStructure(of: text) == structure, "\(text.debugDescription)")
    }

    @Test("A document's structures are counted one by one")
    func document() {
        let text = """
            # Title
            Some **bold** and `code`, a [link](http://x.y) and a \\*\\*literal\\*\\*.

            - one
              1. two **[nested](z)**
            * * *
            | a | b |
            |---|:-:|
            | 1 | 2 |

            ```python
            # no header, no **bold**
            ```
            """
        let structure = MarkdownStructure(of: text)
        var expected = MarkdownStructure()
        expected.codeBlocks = 1
        expected.headers = 1
        expected.tables = 1
        expected.listItems = 2
        expected.inlineCode = 1
        expected.links = 2
        expected.bold = 2
        #expect(structure == expected)
        #expect(structure.total == 10)
    }

    @Test(
        "Counting takes time linear in the text, whatever it holds",
        .timeLimit(.minutes(1)),
        arguments: ["`", "[a](", "**a", "__", "[", "\\", "a`b``c```d````", "|-", "(", "]("])
    func linear(fragment: String) {
        let text = String(repeating: fragment, count: 50_000)
        #expect(MarkdownStructure(of: text).total >= 0)
    }

    @Test("The rules score each response of a group")
    func scores() async throws {
        let group = Group(id: "g", prompt: .text("p"), responses: ["né e\u{301}\n", "**a** b c"])
        #expect(try LengthRule(RewardSpec(parsing: "rule:length")).score(group).scores == [6, 9])
        #expect(try LengthRule(RewardSpec(parsing: "rule:length?unit=words")).score(group).scores == [2, 3])
        #expect(try LengthRule(RewardSpec(parsing: "rule:length?unit=lines")).score(group).scores == [1, 1])
        let markdown = try MarkdownRule(RewardSpec(parsing: "rule:markdown"))
        #expect(try await markdown.score([group]).map(\.scores) == [[0, 1]])
        let plan = try await markdown.plan(group)
        #expect(plan == GroupPlan(tokensComputed: 0, tokens: [0, 0], truncated: [false, false]))
    }

    @Test("A key of another rule is an error")
    func keys() throws {
        let thrown = #expect(throws: Diagnostic.self) { try LengthRule(RewardSpec(parsing: "rule:length?seed=1")) }
        #expect(thrown?.message == "rule:length takes no key 'seed'")
        #expect(thrown?.remedy == "Its keys are unit")
    }
}

@Suite struct CoinTests {
    private func coin(_ seed: UInt64) throws -> CoinRule { try CoinRule(RewardSpec(parsing: "rule:coin?seed=\(seed)")) }

    private func group(_ responses: [String], prompt: Prompt = .text("p")) -> Group {
        Group(id: "g", prompt: prompt, responses: responses)
    }

    @Test("A response's number depends on seed, prompt and text alone, not on its place or its neighbours")
    func keyed() throws {
        let both = try coin(1).score(group(["a", "b"])).scores
        #expect(try coin(1).score(group(["b", "c", "a"])).scores[2] == both[0])
        #expect(try coin(1).score(group(["b"])).scores == [both[1]])
        #expect(try coin(2).score(group(["a", "b"])).scores != both)
        #expect(try coin(1).score(group(["a", "b"], prompt: .text("q"))).scores != both)
    }

    @Test("The same text twice gets two numbers, the first as if alone")
    func repeated() throws {
        let scores = try coin(1).score(group(["a", "b", "a", "a"])).scores
        #expect(Set(scores).count == 4)
        #expect(scores[0] == (try coin(1).score(group(["a"])).scores[0]))
    }

    @Test("A text prompt and the dialogue of that one user message are the same prompt")
    func dialogue() throws {
        let dialogue = Prompt.messages([ChatMessage(role: "user", content: "p")])
        #expect(try coin(1).score(group(["a"])) == coin(1).score(group(["a"], prompt: dialogue)))
    }

    @Test("Texts that differ only in how they are cut, or composed, get different numbers")
    func bytes() throws {
        let whole = try coin(1).score(group(["ab"], prompt: .text("c"))).scores
        #expect(try coin(1).score(group(["b"], prompt: .text("ca"))).scores != whole)
        let letters = try coin(1).score(group(["\u{E9}", "e\u{301}"])).scores
        #expect(letters[0] != letters[1])
    }

    @Test("The numbers are uniform: their mean and variance are within five standard errors")
    func uniform() throws {
        let numbers = try coin(3).score(group((0..<20_000).map(String.init))).scores
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        let mean = numbers.reduce(0, +) / 20_000
        let variance = numbers.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 20_000
        #expect(abs(mean - 0.5) < 5 * (1.0 / 12 / 20_000).squareRoot())
        #expect(abs(variance - 1.0 / 12) < 5 * (1.0 / 180 / 20_000).squareRoot())
    }

    @Test("A coin falls the same way in every version of the program, and as Python computes it")
    func pinned() throws {
        for line in try Fixtures.lines("coin.jsonl") {
            let seed = try #require(line["seed"]?.stringValue.flatMap(UInt64.init))
            let messages = try #require(line["prompt"]?.arrayValue).map { message in
                let parts = message.arrayValue?.compactMap(\.stringValue) ?? []
                return ChatMessage(role: parts[0], content: parts[1])
            }
            let responses = try #require(line["responses"]?.arrayValue).compactMap(\.stringValue)
            let numbers = try #require(line["numbers"]?.arrayValue).compactMap(\.doubleValue)
            #expect(try coin(seed).score(group(responses, prompt: .messages(messages))).scores == numbers)
        }
    }
}

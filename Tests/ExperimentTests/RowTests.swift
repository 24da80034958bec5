import Diagnostics
import Experiment
import JSON
import Testing
import Text

@Suite struct RowTests {
    static let line = Group.SourceLine(file: "rows.jsonl", line: 7)

    private func row(_ text: String) throws -> Row { try Row(JSONValue(parsing: text), at: Self.line) }

    @Test("A list of responses is read in order, and other fields are kept")
    func responses() throws {
        let row = try row(#"{"id":"a","prompt":"p","responses":["x","y"],"domain":"math","scores":[1,0.5]}"#)
        #expect(row.group.id == "a")
        #expect(row.group.prompt == .text("p"))
        #expect(row.group.responses == ["x", "y"])
        #expect(row.group.context == ["domain": "math", "scores": [1, 0.5]])
        #expect(row.group.source == Self.line)
        #expect(row.chosen.isEmpty && row.rejected.isEmpty)
    }

    @Test("One response makes a group of one")
    func response() throws {
        #expect(try row(#"{"prompt":"p","response":"x"}"#).group.responses == ["x"])
    }

    @Test("Chosen responses come first, and the row remembers which they are")
    func pairs() throws {
        let pair = try row(#"{"prompt":"p","chosen":"x","rejected":"y"}"#)
        #expect(pair.group.responses == ["x", "y"])
        #expect(pair.chosen == [0] && pair.rejected == [1])
        let lists = try row(#"{"prompt":"p","rejected":["c","d","e"],"chosen":["a","b"]}"#)
        #expect(lists.group.responses == ["a", "b", "c", "d", "e"])
        #expect(lists.chosen == [0, 1] && lists.rejected == [2, 3, 4])
    }

    @Test("A prompt may be a dialogue")
    func dialogue() throws {
        let text = #"{"prompt":[{"role":"system","content":""},{"role":"user","content":"q"}],"response":"x"}"#
        let messages = [ChatMessage(role: "system", content: ""), ChatMessage(role: "user", content: "q")]
        #expect(try row(text).group.prompt == .messages(messages))
    }

    @Test("An id may be an integer, and defaults to the line's number")
    func ids() throws {
        #expect(try row(#"{"id":12,"prompt":"p","response":"x"}"#).group.id == "12")
        #expect(try row(#"{"prompt":"p","response":"x"}"#).group.id == "row-7")
    }

    @Test("A field that is null counts as absent")
    func nulls() throws {
        let row = try row(#"{"id":null,"prompt":"p","responses":null,"chosen":null,"response":"x","note":null}"#)
        #expect(row.group.id == "row-7")
        #expect(row.group.responses == ["x"])
        #expect(row.group.context == ["note": nil])
    }

    static let faults: [(text: String, error: String)] = [
        (
            "[1]",
            "rows.jsonl:7: a row should be an object, but this is an array. "
                + #"Write {"prompt": …, "responses": […]} on each line."#
        ),
        (
            #"{"response":"x"}"#,
            "rows.jsonl:7: prompt: the row has no prompt. "
                + #"Give "prompt" as a string or as a list of {"role", "content"} messages."#
        ),
        (
            #"{"prompt":3,"response":"x"}"#,
            "rows.jsonl:7: prompt: a prompt should be a string or a list of messages, but this is a number. "
                + #"Give "prompt" as a string or as a list of {"role", "content"} messages."#
        ),
        (
            #"{"prompt":[],"response":"x"}"#,
            "rows.jsonl:7: prompt: the prompt is an empty list of messages. Give at least one message."
        ),
        (
            #"{"prompt":["q"],"response":"x"}"#,
            "rows.jsonl:7: prompt[0]: a message should be an object, but this is a string. "
                + #"Write {"role": "user", "content": "…"}."#
        ),
        (
            #"{"prompt":[{"content":"q"}],"response":"x"}"#,
            "rows.jsonl:7: prompt[0].role: a message has no role. "
                + #"Each message needs a "role" and a "content", both strings."#
        ),
        (
            #"{"prompt":[{"role":"","content":"q"}],"response":"x"}"#,
            "rows.jsonl:7: prompt[0].role: a message's role is empty. "
                + #"Each message needs a "role" and a "content", both strings."#
        ),
        (
            #"{"prompt":[{"role":"user","content":"q"},{"role":"assistant"}],"response":"x"}"#,
            "rows.jsonl:7: prompt[1].content: a message has no content. "
                + #"Each message needs a "role" and a "content", both strings."#
        ),
        (
            #"{"prompt":[{"role":"user","content":[{"type":"text"}]}],"response":"x"}"#,
            "rows.jsonl:7: prompt[0].content: a message's content should be a string, but this is an array. "
                + #"Each message needs a "role" and a "content", both strings."#
        ),
        (
            #"{"prompt":[{"role":"user","content":"q","name":"n"}],"response":"x"}"#,
            "rows.jsonl:7: prompt[0].name: a message has the field 'name', which would not be rendered. "
                + "Remove it, or give the whole prompt as one string."
        ),
        (
            #"{"prompt":"p"}"#,
            "rows.jsonl:7: responses: the row has no responses. "
                + #"Give "responses", "response", or "chosen" with "rejected"."#
        ),
        (
            #"{"prompt":"p","responses":[]}"#,
            "rows.jsonl:7: responses: 'responses' is an empty list. Give at least one response, or remove the row."
        ),
        (
            #"{"prompt":"p","responses":"x"}"#,
            "rows.jsonl:7: responses: 'responses' should be a list of strings, but this is a string. "
                + "Put the responses' texts there."
        ),
        (
            #"{"prompt":"p","chosen":{},"rejected":"y"}"#,
            "rows.jsonl:7: chosen: 'chosen' should be a string or a list of strings, but this is an object. "
                + "Put the responses' texts there."
        ),
        (
            #"{"prompt":"p","responses":["x","y",""]}"#,
            "rows.jsonl:7: responses[2]: the response is empty. Give it a text, or remove it from the row."
        ),
        (
            #"{"prompt":"p","response":""}"#,
            "rows.jsonl:7: response: the response is empty. Give it a text, or remove it from the row."
        ),
        (
            #"{"prompt":"p","chosen":"x","rejected":[{"role":"assistant","content":"y"}]}"#,
            "rows.jsonl:7: rejected[0]: a response should be a string, but this is an object. "
                + "Give the response's text, and the dialogue before it as the prompt."
        ),
        (
            #"{"prompt":"p","responses":["x"],"chosen":"x","rejected":"y"}"#,
            "rows.jsonl:7: chosen: the row has both 'responses' and 'chosen'. "
                + #"Keep one form: "responses", "response", or "chosen" with "rejected"."#
        ),
        (
            #"{"prompt":"p","response":"x","responses":["x"]}"#,
            "rows.jsonl:7: response: the row has both 'responses' and 'response'. "
                + #"Keep one form: "responses", "response", or "chosen" with "rejected"."#
        ),
        (
            #"{"prompt":"p","chosen":"x"}"#,
            "rows.jsonl:7: rejected: the row has 'chosen' but not 'rejected'. "
                + #"Add "rejected", or give the responses as "responses"."#
        ),
        (
            #"{"id":"","prompt":"p","response":"x"}"#,
            "rows.jsonl:7: id: the id is empty. Give it a name or leave it out."
        ),
        (
            #"{"id":1.5,"prompt":"p","response":"x"}"#,
            "rows.jsonl:7: id: an id should be a string or an integer, but this is a number. "
                + "Put it in quotes or leave it out."
        ),
    ]

    @Test("Each fault of a row has its own sentence, place and remedy", arguments: faults)
    func fault(text: String, error: String) throws {
        let value = try JSONValue(parsing: text)
        let thrown = #expect(throws: Diagnostic.self) { try Row(value, at: Self.line) }
        #expect(thrown?.description == error)
        #expect(thrown?.category == .badData)
    }
}

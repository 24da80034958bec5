import Foundation
import JSON
import TestSupport
import Testing

/// Damaged checkpoints, each with its own sentence and exit code.
@Suite(.enabled(if: Command.hasTorch, "needs libtorch"), .serialized)
struct CheckpointErrorTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(rows(1), to: "ok.jsonl")
        try #require(try Command.run(["example", "ex", "--rows", "2"], in: folder).code == 0)
    }

    private func score(_ arguments: String..., reward: String = "explicit:ex/reward-model") throws -> Command.Result {
        let all = ["score", "--output", "out.jsonl", "--quiet", "--reward", reward, "--input", "ok.jsonl"]
        return try Command.run(all + arguments, in: folder)
    }

    private var weights: String { "ex/reward-model/model.safetensors" }

    /// Changes the header and the data of the weights' file.
    private func change(_ body: (inout JSONObject, inout Data) -> Void) throws {
        let file = try folder.bytes(weights)
        let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var header = try #require(try JSONValue(parsing: file[8..<8 + length]).objectValue)
        var data = Data(file[(8 + length)...])
        body(&header, &data)
        let text = Data(JSONValue.object(header).text.utf8)
        try folder.write(
            Data(withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init)) + text + data, to: weights)
    }

    private func expect(_ result: Command.Result, _ code: Int32, _ message: String) {
        #expect(result.error == "assay: error: \(message)\n")
        #expect(result.code == code)
        #expect(!folder.exists("out.jsonl"))
    }

    @Test("Weights that end early")
    func truncated() throws {
        try folder.write(try folder.bytes(weights).dropLast(1000), to: weights)
        let result = try score()
        #expect(result.error.contains("the safetensors file is truncated: its data ends at byte "))
        #expect(result.code == 65)
    }

    @Test("A header longer than the file")
    func header() throws {
        let file = try folder.bytes(weights)
        try folder.write(
            Data(withUnsafeBytes(of: UInt64(1 << 40).littleEndian, Array.init)) + file.dropFirst(8), to: weights)
        expect(
            try score(), 65,
            "\(weights): not a valid safetensors file: the header claims 1099511627776 bytes, more than 100000000. Save or fetch the file again."
        )
    }

    @Test("Offsets that overlap")
    func overlap() throws {
        try change { header, _ in header["score.weight"] = header["score.weight"]?.setting("data_offsets", [0, 256]) }
        expect(
            try score(), 65,
            "\(weights): model.embed_tokens.weight: not a valid safetensors file: its bytes overlap another tensor's. Save or fetch the file again."
        )
    }

    @Test("Offsets beyond the data")
    func outOfRange() throws {
        try change { header, data in
            let offsets: JSONValue = [.integer(data.count), .integer(data.count + 256)]
            header["score.weight"] = header["score.weight"]?.setting("data_offsets", offsets)
        }
        let result = try score()
        #expect(result.error.contains("\(weights): score.weight: the safetensors file is truncated"))
        #expect(result.code == 65)
    }

    @Test("A shape that does not fit the configuration")
    func shape() throws {
        try change { header, _ in header["score.weight"] = header["score.weight"]?.setting("shape", [64, 1]) }
        expect(
            try score(), 65,
            "\(weights): tensor 'score.weight' has the shape [64, 1]; config.json asks for [1, 64]. The weights do not fit config.json; check that both come from one checkpoint."
        )
    }

    @Test("A tensor that is missing")
    func missing() throws {
        try change { header, _ in
            header["other"] = header["score.weight"]
            header["score.weight"] = nil
        }
        expect(
            try score(), 65,
            "\(weights): tensor 'score.weight' is missing. The weights do not fit config.json; check that both come from one checkpoint."
        )
    }

    @Test("A dtype that is not known")
    func dtype() throws {
        try change { header, _ in header["score.weight"] = header["score.weight"]?.setting("dtype", "F99") }
        expect(
            try score(), 65,
            "\(weights): tensor 'score.weight' has the dtype 'F99', which is not supported. Save the checkpoint in F32, BF16 or F16."
        )
    }

    @Test("A score that is NaN")
    func notANumber() throws {
        try change { header, data in
            let start = header["score.weight"]?["data_offsets"]?.arrayValue?.first?.intValue ?? 0
            data.replaceSubrange(start..<start + 4, with: [0, 0, 0xC0, 0x7F])
        }
        expect(
            try score(), 65,
            "ok.jsonl:1: row 'r0', response 1: the model's score is not a number. The checkpoint's weights may be damaged, or overflow in this dtype; try --dtype float32."
        )
    }

    static let missingFiles: [(file: String, code: Int32, message: String)] = [
        (
            "config.json", 66,
            "ex/reward-model: there is no readable config.json. Name a checkpoint folder in Hugging Face's format."
        ),
        (
            "tokenizer.json", 66,
            "ex/reward-model/tokenizer.json: there is no such file. Make the file with Python: transformers.AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)."
        ),
        (
            "chat_template.jinja", 65,
            "ex/reward-model: the checkpoint has no chat template. Give --template FILE|NAME|raw; the names are chatml, gemma, llama-2, llama-3, plain, zephyr."
        ),
        (
            "model.safetensors", 66,
            "ex/reward-model: there is no model.safetensors. Name a checkpoint folder in Hugging Face's format; weights in .bin files can be saved again with save_pretrained(safe_serialization=True)."
        ),
    ]

    @Test("A file that is missing", arguments: missingFiles)
    func missingFile(file: String, code: Int32, message: String) throws {
        try FileManager.default.removeItem(atPath: folder.file("ex/reward-model/\(file)"))
        expect(try score(), code, message)
    }

    @Test("An architecture that is not known")
    func architecture() throws {
        let text = String(decoding: try folder.bytes("ex/reward-model/config.json"), as: UTF8.self)
        try folder.write(text.replacing("\"llama\"", with: "\"mamba\""), to: "ex/reward-model/config.json")
        expect(
            try score(), 65,
            "ex/reward-model/config.json: model_type: the model type 'mamba' is not supported. Supported are llama, mistral, qwen2, qwen3, gemma2, gpt_neox."
        )
    }

    @Test("A template that is not known, or uses what is not")
    func template() throws {
        let unknown = try score("--template", "nosuch")
        #expect(
            unknown.error.hasPrefix("assay: error: ex/reward-model: there is no chat template 'nosuch'. The names are ")
        )
        #expect(unknown.code == 64)
        expect(
            try score("--template", "no.jinja"), 66,
            "no.jinja: there is no such file. Check the path and its permissions.")
        try folder.write("{% for m in messages %}\n{% frobnicate %}\n{% endfor %}", to: "bad.jinja")
        expect(
            try score("--template", "bad.jinja"), 65,
            "bad.jinja:2: the template uses the tag 'frobnicate', which is not supported. Give another template with --template FILE|NAME|raw."
        )
    }

    @Test("A response longer than the maximum length")
    func tooLong() throws {
        expect(
            try score("--max-length", "8"), 65,
            "ok.jsonl:1: row 'r0', response 1: it has 23 tokens with its prompt; the maximum length is 8. Raise --max-length, or give --truncate prompt-left or response-right, or leave such rows out with --skip-bad-rows."
        )
        let cut = try score("--max-length", "16", "--truncate", "prompt-left")
        #expect(cut.code == 0, "\(cut.error)")
        let line = String(decoding: try folder.bytes("out.jsonl"), as: UTF8.self)
        #expect(line.contains("\"truncated\":[true,true,true]"))
    }

    @Test("A device that is not there")
    func device() throws {
        let result = try score("--device", "cuda:7")
        #expect(result.code == 69 || result.code == 0)
    }
}

extension JSONValue {
    /// The object with a member set.
    fileprivate func setting(_ key: String, _ value: JSONValue) -> JSONValue {
        var members = objectValue ?? [:]
        members[key] = value
        return .object(members)
    }
}

import Diagnostics
import Foundation
import Testing

@testable import Torch

/// Every way in which a weights file can be broken has its own sentence. Needs no libtorch.
@Suite struct SafetensorsErrorTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        /// The tensor that the error names.
        var tensor: String?
        var says: String
        var testDescription: String { name }
    }

    static let good = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
    static let data = [UInt8](repeating: 0, count: 16)

    static func second(_ entry: String, data: [UInt8] = data) -> [UInt8] {
        safetensors(good + "\"b\":" + entry + "}", data)
    }

    static let broken: [Broken] = [
        Broken(name: "zero bytes", bytes: [], says: "the file is empty"),
        Broken(name: "three bytes", bytes: [1, 2, 3], says: "shorter than the 8 bytes"),
        Broken(name: "length beyond the file", bytes: safetensors("{}", [], length: 500), says: "claims 500 bytes"),
        Broken(
            name: "length beyond reason", bytes: safetensors("{}", [], length: .max), says: "more than 100000000"),
        Broken(name: "not JSON", bytes: safetensors("{\"a\":", []), says: "the header is"),
        Broken(name: "not UTF-8", bytes: safetensors("", [0xFF, 0xFE], length: 2), says: "the header is"),
        Broken(name: "no object", bytes: safetensors("[1]", []), says: "no JSON object"),
        Broken(name: "no dtype", bytes: second(#"{"shape":[2],"data_offsets":[8,16]}"#), tensor: "b", says: "no dtype"),
        Broken(
            name: "no shape", bytes: second(#"{"dtype":"F32","data_offsets":[8,16]}"#), tensor: "b",
            says: "shape is no list"),
        Broken(
            name: "negative extent", bytes: second(#"{"dtype":"F32","shape":[-2],"data_offsets":[8,16]}"#), tensor: "b",
            says: "shape is no list"),
        Broken(
            name: "fractional extent", bytes: second(#"{"dtype":"F32","shape":[2.5],"data_offsets":[8,16]}"#),
            tensor: "b", says: "shape is no list"),
        Broken(
            name: "no offsets", bytes: second(#"{"dtype":"F32","shape":[2]}"#), tensor: "b", says: "no two rising"),
        Broken(
            name: "three offsets", bytes: second(#"{"dtype":"F32","shape":[2],"data_offsets":[8,12,16]}"#), tensor: "b",
            says: "no two rising"),
        Broken(
            name: "falling offsets", bytes: second(#"{"dtype":"F32","shape":[2],"data_offsets":[16,8]}"#), tensor: "b",
            says: "no two rising"),
        Broken(
            name: "negative offset", bytes: second(#"{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}"#), tensor: "b",
            says: "no two rising"),
        Broken(
            name: "offsets out of range", bytes: second(#"{"dtype":"F32","shape":[4],"data_offsets":[8,24]}"#),
            tensor: "b", says: "truncated: its data ends at byte 24 of 16"),
        Broken(
            name: "offsets beyond counting",
            bytes: second(#"{"dtype":"F32","shape":[2],"data_offsets":[8,9223372036854775807]}"#), tensor: "b",
            says: "truncated"),
        Broken(
            name: "shape smaller than its bytes", bytes: second(#"{"dtype":"F32","shape":[1],"data_offsets":[8,16]}"#),
            tensor: "b", says: "does not fill its 8 bytes"),
        Broken(
            name: "shape beyond counting",
            bytes: second(#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[8,16]}"#), tensor: "b",
            says: "too large"),
        Broken(
            name: "unknown dtype", bytes: second(#"{"dtype":"Q4","shape":[2],"data_offsets":[8,16]}"#), tensor: "'b'",
            says: "the dtype 'Q4'"),
        Broken(
            name: "overlap", bytes: second(#"{"dtype":"F32","shape":[2],"data_offsets":[4,12]}"#), tensor: "b",
            says: "overlap"),
        Broken(
            name: "gap", bytes: second(#"{"dtype":"F32","shape":[1],"data_offsets":[12,16]}"#), tensor: "b",
            says: "gap of 4 bytes"),
        Broken(
            name: "bytes at the end",
            bytes: second(#"{"dtype":"F32","shape":[2],"data_offsets":[8,16]}"#, data: data + [0]),
            says: "1 bytes at the end"),
        Broken(
            name: "cut short",
            bytes: second(#"{"dtype":"F32","shape":[2],"data_offsets":[8,16]}"#, data: data.dropLast()), tensor: "b",
            says: "truncated"),
        Broken(name: "an entry that is no object", bytes: second("3"), tensor: "b", says: "no dtype"),
    ]

    @Test("A broken file is named with the tensor and the fault", arguments: broken)
    func faults(item: Broken) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(item.bytes, to: "model.safetensors")
        let error = try #require(throws: Diagnostic.self) { try SafetensorsFile(path: path) }
        #expect(error.category == .badData && error.location.file == path, "\(error)")
        #expect(error.message.contains(item.says), "\(error)")
        if let tensor = item.tensor { #expect(error.description.contains(tensor), "\(error)") }
        #expect(!error.remedy.isEmpty)
    }

    @Test("No two faults share a sentence")
    func ownSentences() throws {
        let folder = try TemporaryFolder()
        var sentences: [String: String] = [:]
        for item in Self.broken {
            let path = try folder.write(item.bytes, to: "model.safetensors")
            guard let error = #expect(throws: Diagnostic.self, performing: { try SafetensorsFile(path: path) }) else {
                continue
            }
            sentences[error.message] = item.name
        }
        #expect(sentences.count >= 18)
    }

    @Test("A file that is not there, a folder and a pipe are no weights")
    func notFiles() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("folder"), withIntermediateDirectories: true)
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        for name in ["nothing", "folder", "pipe"] {
            let error = try #require(throws: Diagnostic.self) { try SafetensorsFile(path: folder.file(name)) }
            #expect(error.category == .inputMissing && error.location.file == folder.file(name), "\(error)")
        }
    }

    @Test("Tensors without elements may stand anywhere")
    func emptyTensors() throws {
        let folder = try TemporaryFolder()
        let header =
            Self.good + #""z":{"dtype":"I8","shape":[0,3],"data_offsets":[8,8]},"#
            + #""y":{"dtype":"BOOL","shape":[0],"data_offsets":[0,0]}}"#
        let file = try SafetensorsFile(path: folder.write(safetensors(header, Array(Self.data.prefix(8))), to: "x"))
        #expect(file.names == ["a", "y", "z"])
        #expect(try SafetensorsFile(path: folder.write(safetensors("{}", []), to: "x")).names.isEmpty)
    }
}

/// The weights of a folder: one file, or shards with an index.
@Suite struct WeightStoreTests {
    static let shard = safetensors(
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, [UInt8](repeating: 0, count: 8))

    @Test("Shards are found through the index, and a single file wins over it")
    func shards() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.shard, to: "one.safetensors")
        try folder.write(#"{"metadata":{},"weight_map":{"a":"one.safetensors"}}"#, to: "model.safetensors.index.json")
        let store = try WeightStore(directory: folder.path)
        #expect(store.names == ["a"] && store.contains("a") && !store.contains("b"))
        #expect(store.entry("a")?.shape == [2] && store.byteCount == Self.shard.count)
        try folder.write(safetensors("{}", []), to: "model.safetensors")
        #expect(try WeightStore(directory: folder.path).names.isEmpty)
    }

    @Test("A folder without weights says so")
    func missing() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: Diagnostic.self) { try WeightStore(directory: folder.path) }
        #expect(error.category == .inputMissing && error.location.file == folder.path)
        #expect(error.remedy.contains("save_pretrained"))
    }

    @Test(
        "A wrong index is named",
        arguments: [
            ("{", "index.json", Diagnostic.Category.badData), ("", "index.json", .badData),
            ("[]", "no weight_map", .badData),
            (#"{"weight_map":[]}"#, "no weight_map", .badData),
            (#"{"weight_map":{"a":3}}"#, "names no file of this folder", .badData),
            (#"{"weight_map":{"a":"../one.safetensors"}}"#, "names no file of this folder", .badData),
            (#"{"weight_map":{"a":""}}"#, "names no file of this folder", .badData),
            (#"{"weight_map":{"a":".."}}"#, "names no file of this folder", .badData),
            (#"{"weight_map":{"a":"two.safetensors"}}"#, "two.safetensors", .inputMissing),
            (#"{"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}"#, "tensor 'b' is missing", .badData),
            (#"{"weight_map":{"a":"broken.safetensors"}}"#, "broken.safetensors", .badData),
        ])
    func wrongIndex(text: String, says: String, category: Diagnostic.Category) throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.shard, to: "one.safetensors")
        try folder.write(Self.shard.dropLast(), to: "broken.safetensors")
        try folder.write(text, to: "model.safetensors.index.json")
        let error = try #require(throws: Diagnostic.self) { try WeightStore(directory: folder.path) }
        #expect(error.category == category && error.description.contains(says), "\(error)")
        #expect(error.location.file?.hasPrefix(folder.path) == true)
    }

    @Test("A tensor that is missing, of another shape or of a dtype without arithmetic is named")
    func tensors() throws {
        let folder = try TemporaryFolder()
        let header =
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"q":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}}"#
        try folder.write(safetensors(header, [UInt8](repeating: 0, count: 12)), to: "model.safetensors")
        let store = try WeightStore(directory: folder.path)
        for (name, shape, says) in [
            ("b", [2], "tensor 'b' is missing"),
            ("a", [1, 2], "tensor 'a' has the shape [2]; config.json asks for [1, 2]"),
            ("q", [4], "tensor 'q' has the dtype 'U8'"),
        ] {
            let error = try #require(throws: Diagnostic.self) { try store.tensor(name, shape: shape) }
            #expect(error.category == .badData && error.message.contains(says), "\(error)")
            #expect(error.location.file == folder.file("model.safetensors") && !error.remedy.isEmpty)
        }
    }
}

import Diagnostics
import JSON

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The weights of a checkpoint folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
public final class WeightStore: Sendable {
    public let files: [SafetensorsFile]
    private let owner: [String: Int]

    /// - Throws: `inputMissing` where the folder has no safetensors weights; `badData` where a file is broken or the index
    ///   does not fit the shards.
    public init(directory: String) throws(Diagnostic) {
        let index = directory + "/model.safetensors.index.json"
        let single = directory + "/model.safetensors"
        if access(single, F_OK) == 0 {
            files = [try SafetensorsFile(path: single)]
            owner = files[0].entries.mapValues { _ in 0 }
        } else if access(index, F_OK) == 0 {
            (files, owner) = try Self.shards(index: index, directory: directory)
        } else {
            throw Diagnostic(
                .inputMissing, "there is no model.safetensors", at: .init(file: directory),
                remedy: "Name a checkpoint folder in Hugging Face's format; weights in .bin files can be saved again "
                    + "with save_pretrained(safe_serialization=True)")
        }
    }

    private static func shards(
        index path: String, directory: String
    ) throws(Diagnostic) -> ([SafetensorsFile], [String: Int]) {
        let index = try JSONValue(readingFile: path)
        guard let map = index["weight_map"]?.objectValue else {
            throw Diagnostic(.badData, "it has no weight_map", at: .init(file: path), remedy: "Fetch the index again")
        }
        var files: [SafetensorsFile] = []
        var position: [String: Int] = [:]
        var owner: [String: Int] = [:]
        for (name, value) in map {
            guard let shard = value.stringValue, !shard.contains("/"), !["", ".", ".."].contains(shard) else {
                throw Diagnostic(
                    .badData, "it names no file of this folder", at: .init(file: path, field: name),
                    remedy: "Fetch the index again")
            }
            if position[shard] == nil {
                position[shard] = files.count
                files.append(try SafetensorsFile(path: directory + "/" + shard))
            }
            guard let number = position[shard], files[number].entries[name] != nil else {
                throw Diagnostic(
                    .badData, "tensor '\(name)' is missing from the shard that the index names",
                    at: .init(file: directory + "/" + shard), remedy: "Fetch index and shards again, together")
            }
            owner[name] = number
        }
        return (files, owner)
    }

    public var names: [String] { owner.keys.sorted() }

    public func contains(_ name: String) -> Bool { owner[name] != nil }

    /// Total bytes of all weights.
    public var byteCount: Int { files.reduce(0) { $0 + $1.file.bytes.count } }

    /// The dtype and shape of a tensor; `nil` where it is missing.
    public func entry(_ name: String) -> SafetensorsFile.Entry? { owner[name].flatMap { files[$0].entries[name] } }

    /// The tensor, checked to have the shape expected of it.
    public func tensor(_ name: String, shape: [Int]) throws(Diagnostic) -> Tensor {
        guard let number = owner[name], let entry = files[number].entries[name] else {
            throw Diagnostic(
                .badData, "tensor '\(name)' is missing", at: .init(file: files[0].file.path),
                remedy: "The weights do not fit config.json; check that both come from one checkpoint")
        }
        guard entry.shape == shape else {
            throw Diagnostic(
                .badData, "tensor '\(name)' has the shape \(entry.shape); config.json asks for \(shape)",
                at: .init(file: files[number].file.path),
                remedy: "The weights do not fit config.json; check that both come from one checkpoint")
        }
        return try files[number].tensor(name)
    }

    /// Gives back the memory behind a tensor that has been copied elsewhere.
    public func forget(_ name: String) { if let number = owner[name] { files[number].forget(name) } }
}

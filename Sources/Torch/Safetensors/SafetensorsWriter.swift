import Diagnostics
import JSON

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes safetensors files. A file appears whole or not at all: it is written beside its place and renamed.
public enum SafetensorsWriter {
    /// Writes tensors in the order of their names, each in its own element type.
    ///
    /// - Throws: `inputMissing` where the place cannot be written or the disk is full.
    public static func write(
        _ tensors: [String: Tensor], metadata: [String: String] = ["format": "pt"], to path: String
    ) throws(Diagnostic) {
        let ordered = tensors.sorted { $0.key < $1.key }
        let temporary = path + ".partial"
        guard let file = fopen(temporary, "wb") else { throw unwritable(path) }
        do throws(Diagnostic) {
            try put(try header(ordered.map { ($0.key, $0.value) }, metadata: metadata), to: file, path: path)
            for (_, tensor) in ordered { try put(try tensor.bytes(), to: file, path: path) }
            guard fflush(file) == 0, fsync(fileno(file)) == 0 else { throw unwritable(path) }
        } catch {
            fclose(file)
            unlink(temporary)
            throw error
        }
        guard fclose(file) == 0, rename(temporary, path) == 0 else {
            let error = unwritable(path)
            unlink(temporary)
            throw error
        }
    }

    private static func header(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]
    ) throws(Diagnostic) -> [UInt8] {
        var members: JSONObject = [:]
        members["__metadata__"] = .object(
            JSONObject(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        var offset = 0
        for (name, tensor) in tensors {
            guard let type = tensor.elementType else {
                throw Diagnostic(.internalFailure, "'\(name)' has no known type")
            }
            let end = offset + tensor.count * type.size
            members[name] = [
                "dtype": .string(type.safetensorsName), "shape": .array(tensor.shape.map { .integer($0) }),
                "data_offsets": [.integer(offset), .integer(end)],
            ]
            offset = end
        }
        var text = Array(JSONValue.object(members).text.utf8)
        // The data starts on an 8-byte boundary.
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }

    private static func put(_ bytes: [UInt8], to file: UnsafeMutablePointer<FILE>, path: String) throws(Diagnostic) {
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw unwritable(path) }
    }

    private static func unwritable(_ path: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the file cannot be written (\(String(cString: strerror(errno))))", at: .init(file: path),
            remedy: "Check the folder, its permissions and the free space")
    }
}

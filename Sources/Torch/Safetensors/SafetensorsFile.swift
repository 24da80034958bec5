import Diagnostics
import JSON

/// One safetensors file, memory-mapped: an 8-byte little-endian header length, a JSON header of name → {dtype, shape,
/// data_offsets}, and the tensors' bytes, which fill the rest of the file without gap or overlap.
///
/// Format: https://huggingface.co/docs/safetensors
public final class SafetensorsFile: Sendable {
    /// Where a tensor lies and what it is.
    public struct Entry: Sendable, Hashable {
        /// The dtype as the file spells it, such as `BF16`.
        public var dtype: String
        public var shape: [Int]
        /// Byte range within the file.
        public var range: Range<Int>
    }

    public let file: MappedFile
    public let entries: [String: Entry]
    public let metadata: [String: String]

    /// Headers beyond this are refused, as the reference implementation does.
    static let maximumHeaderLength = 100_000_000

    /// - Throws: `inputMissing` where the file cannot be read; `badData` naming the tensor where the header is wrong.
    public init(path: String) throws(Diagnostic) {
        file = try MappedFile(path: path)
        let header = try Self.header(of: file)
        (entries, metadata) = try Self.entries(header.members, dataStart: header.end, file: file)
    }

    public var names: [String] { entries.keys.sorted() }

    /// The tensor as it lies in the file; its memory is the mapping's.
    ///
    /// - Throws: `badData` where it is missing or of a dtype that is not supported.
    public func tensor(_ name: String) throws(Diagnostic) -> Tensor {
        guard let entry = entries[name] else {
            throw Diagnostic(.badData, "tensor '\(name)' is missing", at: .init(file: file.path))
        }
        guard let type = ElementType(safetensors: entry.dtype) else {
            throw Self.unknownType(entry.dtype, name, file.path)
        }
        guard let base = file.bytes.baseAddress else {
            throw Diagnostic(.internalFailure, "the mapping has no address")
        }
        return try Tensor.borrowing(base + entry.range.lowerBound, shape: entry.shape, type: type, owner: file)
    }

    /// Gives back the memory behind a tensor that has been copied elsewhere.
    public func forget(_ name: String) { if let entry = entries[name] { file.forget(entry.range) } }

    static func unknownType(_ dtype: String, _ name: String, _ path: String) -> Diagnostic {
        Diagnostic(
            .badData, "tensor '\(name)' has the dtype '\(dtype)', which is not supported", at: .init(file: path),
            remedy: "Save the checkpoint in F32, BF16 or F16")
    }
}

extension SafetensorsFile {
    private static func header(of file: MappedFile) throws(Diagnostic) -> (members: JSONObject, end: Int) {
        guard file.bytes.count >= 8 else {
            throw truncated(file, "it is shorter than the 8 bytes of a header's length")
        }
        let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(maximumHeaderLength) else {
            throw broken(file, "the header claims \(length) bytes, more than \(maximumHeaderLength)")
        }
        let end = 8 + Int(length)
        guard end <= file.bytes.count else {
            throw truncated(
                file, "the header claims \(length) bytes but the file has \(file.bytes.count - 8) after its length")
        }
        let value: JSONValue
        do throws(Diagnostic) {
            value = try withExtendedLifetime(file) { () throws(Diagnostic) in
                try JSONValue(parsing: file.bytes[8..<end])
            }
        } catch {
            throw broken(file, "the header is \(error.message)")
        }
        guard let members = value.objectValue else { throw broken(file, "the header is no JSON object") }
        return (members, end)
    }

    private static func entries(
        _ members: JSONObject, dataStart: Int, file: MappedFile
    ) throws(Diagnostic) -> ([String: Entry], [String: String]) {
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for (name, value) in members {
            if name == "__metadata__" {
                for (key, text) in value.objectValue ?? [:] { metadata[key] = text.stringValue }
            } else {
                entries[name] = try entry(name, value, dataStart: dataStart, file: file)
            }
        }
        try checkLayout(entries, dataStart: dataStart, file: file)
        return (entries, metadata)
    }

    private static func entry(
        _ name: String, _ value: JSONValue, dataStart: Int, file: MappedFile
    ) throws(Diagnostic) -> Entry {
        guard let dtype = value["dtype"]?.stringValue else { throw broken(file, "it has no dtype", tensor: name) }
        guard let shape = integers(value["shape"]), shape.allSatisfy({ $0 >= 0 }) else {
            throw broken(file, "its shape is no list of whole numbers", tensor: name)
        }
        guard let offsets = integers(value["data_offsets"]), offsets.count == 2, offsets[0] >= 0,
            offsets[0] <= offsets[1]
        else { throw broken(file, "its data_offsets are no two rising whole numbers", tensor: name) }
        guard offsets[1] <= file.bytes.count - dataStart else {
            throw truncated(
                file, "its data ends at byte \(offsets[1]) of \(file.bytes.count - dataStart)", tensor: name)
        }
        try checkSize(name, dtype: dtype, shape: shape, bytes: offsets[1] - offsets[0], file: file)
        return Entry(dtype: dtype, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    private static func checkSize(
        _ name: String, dtype: String, shape: [Int], bytes: Int, file: MappedFile
    ) throws(Diagnostic) {
        guard let bits = bitsPerElement[dtype] else { throw unknownType(dtype, name, file.path) }
        var expected = bits
        for extent in shape {
            let (product, overflow) = expected.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw broken(file, "its shape \(shape) is too large", tensor: name) }
            expected = product
        }
        guard expected == bytes * 8 else {
            throw broken(file, "its shape \(shape) of \(dtype) does not fill its \(bytes) bytes", tensor: name)
        }
    }

    private static func checkLayout(
        _ entries: [String: Entry], dataStart: Int, file: MappedFile
    ) throws(Diagnostic) {
        var end = dataStart
        let ordered = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }
        for (name, entry) in ordered {
            guard entry.range.lowerBound >= end else {
                throw broken(file, "its bytes overlap another tensor's", tensor: name)
            }
            guard entry.range.lowerBound == end else {
                throw broken(file, "there is a gap of \(entry.range.lowerBound - end) bytes before it", tensor: name)
            }
            end = entry.range.upperBound
        }
        guard end == file.bytes.count else {
            throw broken(file, "\(file.bytes.count - end) bytes at the end belong to no tensor")
        }
    }

    private static let bitsPerElement = [
        "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32,
        "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
    ]

    private static func integers(_ value: JSONValue?) -> [Int]? {
        guard let elements = value?.arrayValue else { return nil }
        let numbers = elements.compactMap { if case .integer(let number) = $0 { number } else { nil as Int? } }
        return numbers.count == elements.count ? numbers : nil
    }

    private static func broken(_ file: MappedFile, _ reason: String, tensor: String? = nil) -> Diagnostic {
        Diagnostic(
            .badData, "not a valid safetensors file: \(reason)", at: .init(file: file.path, field: tensor),
            remedy: "Save or fetch the file again")
    }

    private static func truncated(_ file: MappedFile, _ reason: String, tensor: String? = nil) -> Diagnostic {
        Diagnostic(
            .badData, "the safetensors file is truncated: \(reason)", at: .init(file: file.path, field: tensor),
            remedy: "Fetch the file again; the download seems to have stopped early")
    }
}

extension ElementType {
    /// The element type that a safetensors dtype names, where it can be computed with.
    init?(safetensors dtype: String) {
        switch dtype {
        case "F32": self = .float32
        case "BF16": self = .bfloat16
        case "F16": self = .float16
        case "F64": self = .float64
        case "I64": self = .int64
        case "I32": self = .int32
        case "BOOL": self = .bool
        default: return nil
        }
    }

    var safetensorsName: String {
        switch self {
        case .float32: "F32"
        case .bfloat16: "BF16"
        case .float16: "F16"
        case .float64: "F64"
        case .int64: "I64"
        case .int32: "I32"
        case .bool: "BOOL"
        }
    }
}

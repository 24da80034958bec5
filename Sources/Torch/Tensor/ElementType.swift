import CTorch

/// What a tensor's elements are.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
    case float32, bfloat16, float16, int64, int32, bool, float64

    var code: AssayDType {
        switch self {
        case .float32: AssayDType(ASSAY_FLOAT32)
        case .bfloat16: AssayDType(ASSAY_BFLOAT16)
        case .float16: AssayDType(ASSAY_FLOAT16)
        case .int64: AssayDType(ASSAY_INT64)
        case .int32: AssayDType(ASSAY_INT32)
        case .bool: AssayDType(ASSAY_BOOL)
        case .float64: AssayDType(ASSAY_FLOAT64)
        }
    }

    init?(code: AssayDType) {
        guard let match = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = match
    }

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16: 2
        case .bool: 1
        }
    }
}

/// Where a tensor's memory is and its arithmetic runs: `cpu`, `cuda`, `cuda:1`.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    public let name: String

    /// `nil` where the name is no device's.
    public init?(_ name: String) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard let kind = parts.first, kind == "cpu" || kind == "cuda", parts.count <= 2 else { return nil }
        if parts.count == 2, kind == "cpu" || UInt16(parts[1]) == nil { return nil }
        self.name = name
    }

    private init(known name: String) { self.name = name }

    public static let cpu = Device(known: "cpu")
    public static let cuda = Device(known: "cuda")

    public var description: String { name }
}

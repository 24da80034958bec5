import Diagnostics
import JSON
import Torch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The machine a run is on, as far as it stays the same from run to run.
public struct MachineFacts: Sendable, Hashable {
    public let processor: String
    /// Cores that this process may use.
    public let cores: Int
    public let memory: Int
    public let system: String
    /// The processor's matrix and vector extensions that scoring can use, in the kernel's spelling.
    public let features: [String]

    /// Looks at the machine.
    public init() {
        let cpu = Self.fields(of: "/proc/cpuinfo")
        processor = cpu["model name"] ?? Self.systemName.machine
        features = Self.interestingFeatures.filter(
            Set((cpu["flags"] ?? "").split(separator: " ").map(String.init)).contains)
        cores = Self.usableCores
        memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        let name = Self.systemName
        system = "\(name.system) \(name.release) \(name.machine)"
    }

    static let interestingFeatures = [
        "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16", "amx_int8",
    ]

    public var json: JSONObject {
        [
            "processor": .string(processor), "cores": .integer(cores), "memory": .integer(memory),
            "system": .string(system), "features": .array(features.map { .string($0) }),
        ]
    }

    /// The facts for the record, with libtorch's version and instruction set where a model is run.
    func record(withTorch: Bool) throws(Diagnostic) -> JSONValue {
        var members = json
        if withTorch {
            members["libtorch"] = .string(try TorchLibrary.version())
            members["capability"] = .string(try TorchLibrary.cpuCapability())
        }
        return .object(members)
    }

    /// The `name: value` lines of a file up to the first that is none (the first processor's of /proc/cpuinfo).
    private static func fields(of path: String) -> [String: String] {
        var fields: [String: String] = [:]
        guard let file = fopen(path, "r") else { return fields }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            let parts = String(cString: line).split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { break }
            fields[trimmed(parts[0])] = trimmed(parts[1])
        }
        return fields
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    static var usableCores: Int {
        let mask = fields(of: "/proc/self/status")["Cpus_allowed"] ?? ""
        let allowed = mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return allowed > 0 ? min(allowed, online) : online
    }

    private static var systemName: (system: String, release: String, machine: String) {
        var name = utsname()
        guard uname(&name) == 0 else { return ("unknown", "unknown", "unknown") }
        return (text(name.sysname), text(name.release), text(name.machine))
    }

    /// A C array of characters up to its NUL.
    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

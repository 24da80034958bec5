import Diagnostics
import JSON
import Torch

extension DoctorReport {
    /// The report as lines for a reader.
    public var text: String {
        var lines = [
            "assay       \(ProgramVersion.text), built with \(ProgramVersion.compiler)",
            "system      \(machine.system)",
            "processor   \(machine.processor), \(machine.cores) cores usable",
            "            \(machine.features.isEmpty ? "no vector extension that is known of" : machine.features.joined(separator: " "))",
            "memory      \(Numerals.bytes(machine.memory))",
        ]
        lines += library.map(Self.lines) ?? ["libtorch    not there: no model can be scored, no run or study made"]
        lines += probe.map(Self.lines) ?? []
        lines += missing.map { "missing     \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ library: Library) -> [String] {
        [
            "libtorch    \(library.version), \(library.capability), \(library.threads) threads, "
                + (library.cudaDevices == 0 ? "no CUDA device" : "\(library.cudaDevices) CUDA devices"),
            "            \(library.path)",
        ]
    }

    private static func lines(_ probe: MachineProbe) -> [String] {
        let shape = "[\(MachineProbe.rows), \(MachineProbe.width)] x [\(MachineProbe.width), \(MachineProbe.out)]"
        let products = probe.products.map {
            "            \($0.elementType.rawValue): \(Numerals.fixed($0.plain, 3)) TFLOP/s plain, \(Numerals.fixed($0.packed, 3)) with the weight packed"
        }
        return ["products    \(shape)"] + products
            + ["copying     \(Numerals.fixed(probe.bandwidth / 1e9, 1)) GB/s, read and written"]
    }

    /// The first thing that is missing, as an error.
    public var failure: Diagnostic? { missing.first }

    /// The report as one JSON object.
    public var json: JSONValue {
        var members = JSONObject([
            ("version", .string(ProgramVersion.text)), ("compiler", .string(ProgramVersion.compiler)),
            ("machine", .object(machine.json)), ("libtorch", library.map(\.json) ?? .null),
        ])
        members["probe"] = probe.map(\.json) ?? .null
        members["missing"] = .array(missing.map { .string($0.description) })
        return .object(members)
    }
}

extension DoctorReport.Library {
    fileprivate var json: JSONValue {
        [
            "path": .string(path), "version": .string(version), "capability": .string(capability),
            "threads": .integer(threads), "cuda_devices": .integer(cudaDevices),
        ]
    }
}

extension MachineProbe {
    fileprivate var json: JSONValue {
        var members = JSONObject()
        for product in products {
            members["\(product.elementType.rawValue)_tflops"] = .number(product.plain)
            members["\(product.elementType.rawValue)_packed_tflops"] = .number(product.packed)
        }
        members["copy_bytes_per_second"] = .number(bandwidth)
        return .object(members)
    }
}

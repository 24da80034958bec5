import Diagnostics
import Torch

/// What this machine has for scoring, what it can do, and what is missing.
public struct DoctorReport: Sendable {
    /// libtorch as it was found.
    public struct Library: Sendable {
        /// The shim's path.
        public var path: String
        public var version: String
        /// The instruction set that libtorch uses.
        public var capability: String
        public var threads: Int
        public var cudaDevices: Int
    }

    public var machine: MachineFacts
    public var library: Library?
    public var probe: MachineProbe?
    /// What is missing, with how to get it.
    public var missing: [Diagnostic] = []

    /// Looks at the machine and probes it for about two seconds.
    ///
    /// - Parameter threads: threads of one tensor operation; `nil` takes libtorch's own number.
    /// - Throws: `usage` where so many threads cannot be. What is missing is in the report.
    public init(threads: Int? = nil) async throws(Diagnostic) {
        machine = MachineFacts()
        if let threads { try ThreadCount.check(threads) }
        do throws(Diagnostic) {
            let found = try await TensorActor.run { () throws(Diagnostic) in
                _ = try ThreadCount.set(threads)
                return (try Library(), try MachineProbe())
            }
            (library, probe) = found
        } catch {
            missing.append(error)
        }
    }
}

extension DoctorReport.Library {
    fileprivate init() throws(Diagnostic) {
        path = try TorchLibrary.path()
        version = try TorchLibrary.version()
        capability = try TorchLibrary.cpuCapability()
        threads = try TorchLibrary.threads()
        cudaDevices = try TorchLibrary.cudaDeviceCount()
    }
}

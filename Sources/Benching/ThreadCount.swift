import Diagnostics
import Torch

/// How many threads one tensor operation uses.
enum ThreadCount {
    /// Threads for each core that may be asked for: a few more than there are can be of use to compare with another machine,
    /// many more would only bring the machine to a halt.
    private static let perCore = 4

    /// Sets the number where one is asked for, and returns the number in use.
    ///
    /// - Throws: `usage` where it is out of range; `inputMissing` where libtorch is not there.
    @TensorActor
    static func set(_ wanted: Int?) throws(Diagnostic) -> Int {
        if let wanted {
            try check(wanted, cores: MachineFacts.usableCores)
            try TorchLibrary.setThreads(wanted)
        }
        return try TorchLibrary.threads()
    }

    static func check(_ wanted: Int, cores: Int) throws(Diagnostic) {
        let most = perCore * max(cores, 4)
        guard !(1...most).contains(wanted) else { return }
        throw Diagnostic(
            .usage, "\(wanted) threads cannot be used on \(cores) cores", at: .init(field: "--threads"),
            remedy: "Give a number from 1 to \(most), or leave it out")
    }
}

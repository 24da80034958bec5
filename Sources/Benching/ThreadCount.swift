import Diagnostics
import Torch

/// How many threads one tensor operation uses.
enum ThreadCount {
    /// Sets the number where one is asked for, and returns the number in use.
    ///
    /// - Throws: `usage` where it is out of range; `inputMissing` where libtorch is not there.
    @TensorActor
    static func set(_ wanted: Int?) throws(Diagnostic) -> Int {
        if let wanted {
            try check(wanted)
            try TorchLibrary.setThreads(wanted)
        }
        return try TorchLibrary.threads()
    }

    static func check(_ wanted: Int) throws(Diagnostic) {
        let most = TorchLibrary.maximumThreads
        guard !(1...most).contains(wanted) else { return }
        throw Diagnostic(
            .usage, "\(wanted) threads cannot be used", at: .init(field: "--threads"),
            remedy: "Give a number from 1 to \(most), or leave it out")
    }
}

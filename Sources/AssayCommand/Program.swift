import ArgumentParser
import Benching
import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The process: signals on the main thread, the command on another.
@main
enum Program {
    static let interruption = Interruption()

    static func main() {
        let signals = InterruptSignals()
        // A file beyond the size limit is then an error of the write, which can be told.
        signal(SIGXFSZ, SIG_IGN)
        Task.detached { exit(await run()) }
        signals.serve(interruption)
    }

    /// Parses and runs; returns the exit code.
    private static func run() async -> Int32 {
        do {
            var command = try Assay.parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
            return 0
        } catch let failure as Diagnostic {
            Terminal.writeError("assay: error: \(failure)\n")
            return failure.category.rawValue
        } catch {
            return report(error)
        }
    }

    /// Help and versions go to standard output; what the parser refuses goes to standard error with the usage.
    private static func report(_ error: any Error) -> Int32 {
        let code = Assay.exitCode(for: error)
        let text = Assay.fullMessage(for: error)
        guard code != .success else {
            print(text)
            return 0
        }
        let isLabelled = text.hasPrefix("Error: ")
        if !text.isEmpty { Terminal.writeError("assay: error: \(isLabelled ? String(text.dropFirst(7)) : text)\n") }
        return code.rawValue
    }
}

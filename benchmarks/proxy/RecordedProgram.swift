import Credit
import Diagnostics
import Foundation
import HTTPProxy
import Ledger

/// What a program sees that is recorded: this program's own client, run by Assay with a ledger, as `assay credit record` runs any other.
enum RecordedProgram {
    /// The first argument of the process that plays the program.
    static let mode = "client"

    /// Records the client, which prints its own numbers.
    static func record(upstream: Int, seconds: Double) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "proxy-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "assay.sqlite").path
        let work = try EpisodeSettings.emptyFolder(besideLedger: path)
        let settings = EpisodeSettings(
            upstream: "http://127.0.0.1:\(upstream)/v1", outcome: .exitCode,
            folder: try EpisodeSettings.keeping(folder: work, besideLedger: path))
        let program = URL(filePath: CommandLine.arguments[0]).standardizedFileURL.path
        let recording = EpisodeRecording([program, mode, "\(upstream)", "\(seconds)"], settings)
        let ledger = try Ledger(path: path)
        let result = try await recording.run(in: ledger)
        let kept = try ledger.exchanges(of: result.episode).count
        print("  \(kept) exchanges in the ledger")
    }

    /// The program: asks upstream directly and as its environment says, in turn by quarters.
    static func play(_ arguments: [String]) async throws {
        guard arguments.count == 2, let upstream = Int(arguments[0]), let seconds = Double(arguments[1]),
            let text = ProcessInfo.processInfo.environment["OPENAI_BASE_URL"], let base = URL(string: text),
            let port = base.port
        else { throw Diagnostic(.usage, "the recorded client needs a port, a time and OPENAI_BASE_URL") }
        let path = base.path
        for (target, name, end) in [
            ("/embeddings", "100 requests/s, recorded", LoadClient.End.whole),
            ("/chat/completions", "100 streams/s, first byte, recorded", .firstEvent),
        ] {
            var direct = Latencies()
            var proxied = Latencies()
            for _ in 0..<4 {
                direct += try await LoadClient.paced(
                    upstream, "/v1" + target, perSecond: 100, seconds: seconds / 4, until: end)
                proxied += try await LoadClient.paced(
                    port, path + target, perSecond: 100, seconds: seconds / 4, until: end)
            }
            ProxyBenchmark.report(name, direct: direct, proxied: proxied)
        }
    }
}

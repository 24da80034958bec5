import ArgumentParser
import Benching
import Diagnostics
import Rewards
import Serving
import Text
import Torch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `assay serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers the model APIs from a checkpoint, or from a system whose values are known.",
        discussion: """
            Chat completions, completions, responses and messages, streamed or not; a checkpoint with a score head \
            answers /v1/rewards. Prints its address to standard output once requests are taken, and ends with Ctrl-C. The \
            token may also stand in ASSAY_SERVE_TOKEN, where other users of the machine do not see it.
            """)

    @Option(
        help: ArgumentHelp("A checkpoint's folder in Hugging Face's format.", valueName: "dir"), completion: .directory)
    var model: String?

    @Option(
        help: ArgumentHelp("A planted system's file.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var planted: String?

    @Option(help: ArgumentHelp("The address to listen on; other than loopback it needs a token.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: "The port; 0 takes one that is free.")
    var port = 8080

    @Option(help: ArgumentHelp("What requests have to show as their API key.", valueName: "text"))
    var token: String?

    @Option(help: ArgumentHelp("The model's name in requests; by default the folder's.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Tokens that an answer has at most.", valueName: "tokens"))
    var maxTokens = 1024

    @Option(help: ArgumentHelp("Tokens whose keys and values are kept.", valueName: "tokens"))
    var cacheTokens = 16_384

    @Option(help: ArgumentHelp("Answers that grow together at most.", valueName: "count"))
    var batch = 64

    @OptionGroup var engine: EngineOptions

    @Option(help: "Keys the draws of requests that name no seed.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("How long each answer of a planted system takes.", valueName: "milliseconds"))
    var delayMs = 0

    func validate() throws {
        guard (model == nil) != (planted == nil) else {
            throw ValidationError("Give --model or --planted, one of them")
        }
        let bounds = [
            ("port", port, 0, 65_535), ("max-tokens", maxTokens, 1, 1_000_000),
            ("cache-tokens", cacheTokens, 32, 100_000_000), ("batch", batch, 1, 4096),
            ("delay-ms", delayMs, 0, 3_600_000),
        ]
        for (name, value, least, most) in bounds where !(least...most).contains(value) {
            throw ValidationError("--\(name) should be from \(least) to \(most), but this is \(value)")
        }
        if model != nil, delayMs != 0 { throw ValidationError("--delay-ms belongs to --planted") }
    }

    func run() async throws {
        let served = try await served()
        let server = try ModelServer(served, settings: settings)
        let (address, names) = (urlHost, served.names.joined(separator: ", "))
        Program.interruption.listen {}
        defer { Program.interruption.stopListening() }
        try await server.run(until: Self.interrupted) { port in
            Terminal.writeError("assay: serving \(names); Ctrl-C ends\n")
            print("http://\(address):\(port)/v1")
            fflush(nil)
        }
    }

    private var urlHost: String { host.contains(":") ? "[\(host)]" : host }

    private var settings: ServerSettings {
        var settings = ServerSettings()
        settings.host = host
        settings.port = port
        settings.token = token ?? getenv("ASSAY_SERVE_TOKEN").map { String(cString: $0) }
        return settings
    }

    private func served() async throws(Diagnostic) -> ServedModel {
        if let planted {
            return try ServedModel.planted(planted, seed: seed, delay: .milliseconds(delayMs))
        }
        if let threads = engine.threads {
            try await TensorActor.run { () throws(Diagnostic) in try TorchLibrary.setThreads(threads) }
        }
        var options = ServedModel.Options()
        options.name = name
        engine.apply(to: &options.settings)
        options.maximumTokens = maxTokens
        options.cacheTokens = cacheTokens
        options.batch = batch
        options.seed = seed
        return try await ServedModel.checkpoint(model ?? "", options)
    }

    /// Returns when the user asks the program to stop.
    private static func interrupted() async {
        while !Program.interruption.isRequested, !Task.isCancelled {
            // Ends early only where the task is cancelled, which the condition sees.
            try? await Task.sleep(for: .milliseconds(50))
        }
    }
}

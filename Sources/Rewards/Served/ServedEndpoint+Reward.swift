import Diagnostics
import HTTPProxy

extension ServedEndpoint {
    /// Reads the keys of a spec that have to do with the connection.
    ///
    /// - Throws: `usage` where one is wrong, or the source is no address of a server.
    init(reward source: String, _ parameters: inout ParameterReader) throws(Diagnostic) {
        do throws(Diagnostic) {
            try self.init(
                address: source, keyVariable: parameters.text("key-from") ?? "OPENAI_API_KEY",
                timeout: try parameters.integer("timeout", default: 120, in: 1...86_400),
                attempts: try parameters.integer("attempts", default: 5, in: 1...100),
                parallel: try parameters.integer("parallel", default: 8, in: 1...1024),
                remedies: (
                    unavailable: "Check that the server runs, and go on with --resume",
                    refused: "Check the spec's address, model and key"
                ))
        } catch {
            throw error.located(field: "reward's source")
        }
    }
}

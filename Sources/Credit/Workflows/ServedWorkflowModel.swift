import Diagnostics
import HTTPProxy
import JSON

/// A served model, asked by chat completions; each request says its role in the header `X-Assay-Role`.
public struct ServedWorkflowModel: WorkflowModel {
    private let endpoint: ServedEndpoint

    /// - Parameter address: up to `/v1`.
    /// - Throws: `usage` where it is no address of a server.
    public init(address: String) throws(Diagnostic) {
        // Behind the recording proxy, which tries again itself, more attempts would only wait longer.
        endpoint = try ServedEndpoint(address: address, timeout: 600, attempts: 2, parallel: 64)
    }

    public func answers(to requests: [WorkflowRequest]) async throws(Diagnostic) -> [String] {
        try await endpoint.together(requests) { (request) async throws(Diagnostic) in
            let value = try await endpoint.post(
                "/chat/completions", request.body, headers: [("X-Assay-Role", request.role)])
            guard let message = value["choices"]?.arrayValue?.first?["message"] else {
                throw Diagnostic(
                    .unavailable, "the model's answer holds no choices", at: .init(file: endpoint.address),
                    remedy: "Check that the address is that of an OpenAI-compatible server")
            }
            return message["content"]?.stringValue ?? ""
        }
    }
}

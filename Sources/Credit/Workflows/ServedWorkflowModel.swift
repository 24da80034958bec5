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
        endpoint = try ServedEndpoint(
            address: address, timeout: 600, attempts: 2, parallel: 64,
            remedies: (unavailable: "Check that the server runs", refused: "Check the address, the model and the key"))
    }

    /// What was said: the text, the texts of its parts, or why nothing else is said.
    private static func text(of message: JSONValue) -> String? {
        if let text = message["content"]?.stringValue { return text }
        let parts = (message["content"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
        return parts.isEmpty ? message["refusal"]?.stringValue : parts.joined()
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
            guard let text = Self.text(of: message) else {
                throw Diagnostic(
                    .badData, "the answer to \(request.role) holds no text: \(message.text.prefix(120))",
                    at: .init(file: endpoint.address),
                    remedy: "Leave tools out of the role's parameters: a workflow has nobody to call them")
            }
            return text
        }
    }
}

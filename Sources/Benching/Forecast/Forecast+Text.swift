import Diagnostics
import JSON

extension Forecast {
    /// The forecast as lines for a reader.
    public var text: String {
        var lines = parts.flatMap(\.lines)
        if parts.count > 1 {
            lines.append("all together: \(seconds.map { "about \(Numerals.duration($0))" } ?? "time not known")")
        }
        lines.append("nothing was written; batches hold at most \(batchTokens) tokens (--batch-tokens)")
        return lines.map { $0 + "\n" }.joined()
    }

    /// The forecast as one JSON object.
    public var json: JSONValue {
        [
            "parts": .array(parts.map(\.json)), "batch_tokens": .integer(batchTokens),
            "seconds": seconds.map { .number($0) } ?? .null,
        ]
    }
}

extension Forecast.Part {
    fileprivate var lines: [String] {
        var lines = [
            "\(spec)",
            "  rows        \(rows), \(responses) responses" + (badRows > 0 ? ", \(badRows) rows cannot be scored" : ""),
        ]
        guard tokensComputed > 0 else { return lines + ["  time        next to none: this reward runs no model"] }
        lines.append(
            "  tokens      \(tokensComputed) to compute in \(batches) batches (\(tokens) with shared prompts counted each time); longest \(longest)"
        )
        lines.append(
            "  truncated   \(truncatedResponses) responses in \(truncatedRows) rows (\(share(truncatedRows)) of rows)")
        if let memory {
            lines.append(
                "  memory      about \(Numerals.bytes(memory.total)): weights \(Numerals.bytes(memory.weights)), activations of a pass \(Numerals.bytes(memory.activations)), keys and values of a batch \(Numerals.bytes(memory.cache))"
            )
        }
        return lines + probeLines
    }

    private var probeLines: [String] {
        if let missing { return ["  time        not known: \(missing)"] }
        guard let probe, let seconds else { return ["  time        not known: no row can be scored"] }
        return [
            "  time        about \(Numerals.duration(seconds)), from a probe of \(probe.rows) rows (\(probe.tokens) tokens in \(Numerals.duration(probe.seconds)): \(Numerals.compact(Double(probe.tokens) / probe.seconds)) tokens/s)",
            "  peak        \(Numerals.bytes(probe.peakMemory)) of memory so far, the probe included",
        ]
    }

    private func share(_ count: Int) -> String {
        Numerals.fixed(rows > 0 ? 100 * Double(count) / Double(rows) : 0, 1) + "%"
    }

    fileprivate var json: JSONValue {
        var members = JSONObject([
            ("spec", .string(spec)), ("rows", .integer(rows)), ("rows_bad", .integer(badRows)),
            ("responses", .integer(responses)), ("tokens", .integer(tokens)),
            ("tokens_computed", .integer(tokensComputed)), ("longest", .integer(longest)),
            ("rows_truncated", .integer(truncatedRows)), ("responses_truncated", .integer(truncatedResponses)),
            ("batches", .integer(batches)), ("seconds", seconds.map { .number($0) } ?? .null),
        ])
        if let memory {
            members["memory_bytes"] = [
                "weights": .integer(memory.weights), "activations": .integer(memory.activations),
                "cache": .integer(memory.cache), "total": .integer(memory.total),
            ]
        }
        if let probe {
            members["probe"] = [
                "rows": .integer(probe.rows), "tokens": .integer(probe.tokens), "seconds": .number(probe.seconds),
                "peak_memory_bytes": .integer(probe.peakMemory),
            ]
        }
        if let missing { members["missing"] = .string(missing.description) }
        return .object(members)
    }
}

import Diagnostics
import JSON
import Torch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What one task's steps took and computed.
struct Outcome {
    /// Completions or pairs a step.
    var itemsPerStep: Int
    /// Of each timed step, in seconds.
    var stepSeconds: [Double] = []
    /// Of each timed step, in seconds of all processors together: what other work on the machine disturbs least.
    var processorSeconds: [Double] = []
    /// Of every step, the one that warms up included; empty where the loss says nothing (GRPO's is 0 on-policy).
    var losses: [Double] = []
    /// Mean tokens of a completion; `nil` where nothing is generated.
    var completionTokens: Double?
    /// Tokens that went through the layers with a graph, a step.
    var tokensTrained: Int?
}

extension Outcome {
    func json(_ settings: TrainingBenchmark) throws(Diagnostic) -> JSONValue {
        var members: JSONObject = [
            "task": .string(settings.task.rawValue), "dtype": .string(settings.dtype.rawValue),
            "items_per_step": .integer(itemsPerStep), "step_seconds": numbers(stepSeconds),
            "processor_seconds": numbers(processorSeconds), "losses": numbers(losses),
        ]
        members["completion_tokens"] = completionTokens.map { .number($0) }
        members["tokens_trained"] = tokensTrained.map { .integer($0) }
        members["peak_bytes"] = try ProcessMemory.peakBytes().map { .integer($0) }
        members["rows_per_pass"] = .integer(settings.rows)
        members["versions"] = ["libtorch": .string(try TorchLibrary.version())]
        return .object(members)
    }

    private func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
}

/// Reads the clocks around a step.
struct StepClock {
    private let start = ContinuousClock.now
    private let processorStart = Self.processorSeconds

    /// Adds what the step took to an outcome.
    func record(in outcome: inout Outcome) {
        outcome.stepSeconds.append((ContinuousClock.now - start) / .seconds(1))
        outcome.processorSeconds.append(Self.processorSeconds - processorStart)
    }

    /// Of this process, all threads together.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// The memory of this process.
enum ProcessMemory {
    /// The largest resident memory so far; `nil` where the system has no /proc.
    static func peakBytes() throws(Diagnostic) -> Int? {
        #if os(Linux)
        let status = String(decoding: try InputFile(path: "/proc/self/status").readToEnd(), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        #else
        return nil
        #endif
    }
}

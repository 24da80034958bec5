import Diagnostics
import Experiment
import JSON

/// What a worker says, one line of JSON each.
enum WorkerMessage: Sendable {
    /// `{"run": 3, "step": 10, "readings": {…}}`
    case step(run: Int, StepReadings)
    /// `{"run": 3, "end": "done", "seconds": 1.5, "tokens": 800}`
    case done(run: Int, seconds: Double, tokens: Int)
    /// `{"run": 3, "end": "diverged", "step": 17, "message": "…", "seconds": 1.5, "tokens": 800}`
    case diverged(run: Int, step: Int, reason: String, seconds: Double, tokens: Int)
    /// `{"run": 3, "end": "failed", "message": "…", "category": 65, "seconds": 1.5}`
    case failed(run: Int, message: String, category: Diagnostic.Category, seconds: Double)

    var run: Int {
        switch self {
        case .step(let run, _), .done(let run, _, _), .diverged(let run, _, _, _, _), .failed(let run, _, _, _): run
        }
    }

    var line: String { json.text + "\n" }

    private var json: JSONValue {
        switch self {
        case .step(let run, let readings):
            ["run": .integer(run), "step": .integer(readings.step), "readings": readings.json]
        case .done(let run, let seconds, let tokens):
            ["run": .integer(run), "end": "done", "seconds": .number(seconds), "tokens": .integer(tokens)]
        case .diverged(let run, let step, let reason, let seconds, let tokens):
            [
                "run": .integer(run), "end": "diverged", "step": .integer(step), "message": .string(reason),
                "seconds": .number(seconds), "tokens": .integer(tokens),
            ]
        case .failed(let run, let message, let category, let seconds):
            [
                "run": .integer(run), "end": "failed", "message": .string(message),
                "category": .integer(Int(category.rawValue)), "seconds": .number(seconds),
            ]
        }
    }

    /// `nil` where the line is none.
    init?(line: some Sequence<UInt8>) {
        let value: JSONValue
        do throws(Diagnostic) { value = try JSONValue(parsing: line) } catch { return nil }
        guard let run = value["run"]?.intValue else { return nil }
        if let end = value["end"]?.stringValue {
            self.init(run: run, end: end, value)
        } else {
            self.init(run: run, value)
        }
    }

    private init?(run: Int, _ value: JSONValue) {
        guard let step = value["step"]?.intValue, let json = value["readings"],
            let readings = StepReadings(step: step, json: json)
        else { return nil }
        self = .step(run: run, readings)
    }

    private init?(run: Int, end: String, _ value: JSONValue) {
        let seconds = value["seconds"]?.doubleValue ?? 0
        let tokens = value["tokens"]?.intValue ?? 0
        let message = value["message"]?.stringValue
        switch (end, message, value["step"]?.intValue) {
        case ("done", _, _): self = .done(run: run, seconds: seconds, tokens: tokens)
        case ("diverged", let message?, let step?):
            self = .diverged(run: run, step: step, reason: message, seconds: seconds, tokens: tokens)
        case ("failed", let message?, _):
            let code = value["category"]?.intValue.flatMap(Int32.init(exactly:))
            let category = code.map(Diagnostic.Category.init(rawValue:)) ?? .internalFailure
            self = .failed(run: run, message: message, category: category, seconds: seconds)
        default: return nil
        }
    }
}

import Diagnostics
import Experiment
import JSON
import YAML

extension PlantedSystem {
    /// Reads a planted system's file; docs/planted.md says what may stand there.
    ///
    /// - Throws: `inputMissing` where it cannot be read; `badData` where it is no YAML; `usage` where it says what cannot be.
    ///   Each names file, line and field.
    public init(readingFile path: String) throws(Diagnostic) {
        try self.init(parsing: try InputFile(path: path).readToEnd(), file: path)
    }

    /// Reads a planted system's text.
    ///
    /// - Parameter file: what errors call it; `nil` where it is no file.
    public init(parsing bytes: [UInt8], file: String? = nil) throws(Diagnostic) {
        let document = try YAMLDocument(parsing: bytes, file: file)
        do throws(Diagnostic) {
            try self.init(document.value)
        } catch {
            throw document.positions.located(error, file: file)
        }
    }

    private init(_ value: JSONValue) throws(Diagnostic) {
        var reader = try SettingsReader(value, path: "")
        let name = try reader.string("planted", default: "planted")
        let task = try reader.string("task", default: "")
        var steps = PlantedReader()
        let blocks = try steps.blocks(try reader.list("steps"), path: reader.path(of: "steps"))
        let outcome = try steps.outcome(try reader.map("outcome"))
        try reader.finish()
        try self.init(name: name, task: task, blocks: blocks, outcome: outcome)
    }
}

/// Reads the steps, which later ones may name.
struct PlantedReader {
    private var steps: [PlantedStep] = []

    mutating func blocks(_ elements: [JSONValue], path: String) throws(Diagnostic) -> [[PlantedStep]] {
        var blocks: [[PlantedStep]] = []
        for (index, element) in elements.enumerated() {
            let place = "\(path).\(index)"
            guard let together = element["block"] else {
                blocks.append([try step(element, place)])
                steps += blocks[index]
                continue
            }
            var reader = try SettingsReader(element, path: place)
            _ = reader.value("block")
            try reader.finish()
            var block: [PlantedStep] = []
            for (number, element) in (together.arrayValue ?? []).enumerated() {
                block.append(try step(element, "\(place).block.\(number)"))
            }
            guard !block.isEmpty else { throw reader.wrong("block", together, "should be a list of steps") }
            blocks.append(block)
            steps += block
        }
        return blocks
    }

    private func step(_ value: JSONValue, _ path: String) throws(Diagnostic) -> PlantedStep {
        var reader = try SettingsReader(value, path: path)
        let name = try text("name", &reader)
        let replies = try texts(reader.value("replies"), reader.path(of: "replies"))
        let prompt: PromptTemplate
        do throws(Diagnostic) {
            prompt = try PromptTemplate(try text("prompt", &reader))
        } catch {
            throw Diagnostic(
                error.category, error.message, at: .init(field: reader.path(of: "prompt")), remedy: error.remedy)
        }
        let also = try texts(reader.value("also"), reader.path(of: "also"))
        let step = PlantedStep(
            name: name, role: try reader.string("role", default: name), system: try reader.string("system"),
            prompt: prompt, replies: replies, also: also,
            chances: try chances(reader.value("chances"), reader.path(of: "chances"), replies.count),
            models: try models(try reader.map("models"), replies.count))
        try reader.finish()
        return step
    }

    private func text(_ key: String, _ reader: inout SettingsReader) throws(Diagnostic) -> String {
        if let text = try reader.string(key) { return text }
        throw Diagnostic(
            .usage, "the step has no \(key)", at: .init(field: reader.path(of: key)), remedy: "Write \(key): …")
    }

    private func texts(_ value: JSONValue?, _ path: String) throws(Diagnostic) -> [String] {
        guard let value else { return [] }
        let texts = value.stringValue.map { [$0] } ?? value.arrayValue?.compactMap(\.stringValue)
        guard let texts, texts.count == value.arrayValue?.count ?? 1 else {
            throw Diagnostic(
                .usage, "texts should stand here, but this is \(value.text)", at: .init(field: path),
                remedy: "Write a list of texts, in quotes where they look like numbers")
        }
        return texts
    }
}

extension PlantedReader {
    private func models(_ reader: SettingsReader, _ count: Int) throws(Diagnostic) -> [String: PlantedChances] {
        var reader = reader
        var models: [String: PlantedChances] = [:]
        for name in reader.keys { models[name] = try chances(reader.value(name), reader.path(of: name), count) }
        return models
    }

    /// A list of numbers, or a map with `default` and `rules`; equal chances where nothing is written.
    private func chances(_ value: JSONValue?, _ path: String, _ count: Int) throws(Diagnostic) -> PlantedChances {
        guard let value else {
            return PlantedChances(fallback: Array(repeating: 1 / Double(max(1, count)), count: count))
        }
        if case .array = value { return PlantedChances(fallback: try numbers(value, path)) }
        return try rules(try SettingsReader(value, path: path), key: "chances", numbers)
    }

    private func numbers(_ value: JSONValue?, _ path: String) throws(Diagnostic) -> [Double] {
        let numbers = value?.arrayValue?.compactMap(\.doubleValue)
        guard let numbers, numbers.count == value?.arrayValue?.count else {
            throw Diagnostic(
                .usage, "chances should be a list of numbers, but this is \(value?.text ?? "missing")",
                at: .init(field: path), remedy: "Write one number for each reply, such as [0.25, 0.75]")
        }
        return numbers
    }

    func outcome(_ reader: SettingsReader) throws(Diagnostic) -> PlantedOutcome {
        var reader = reader
        let kind = try reader.choice("kind", default: PlantedOutcome.Kind.number)
        let values = try rules(reader, asked: ["kind"], key: "value") { (value, path) throws(Diagnostic) in
            if let number = value?.doubleValue, (0...1).contains(number) { return number }
            throw Diagnostic(
                .usage, "an outcome should be a number from 0 to 1, but this is \(value?.text ?? "missing")",
                at: .init(field: path), remedy: "Write default: 0.5, and value: … in each rule")
        }
        return PlantedOutcome(kind: kind, values: values)
    }

    private func rules<Value>(
        _ reader: SettingsReader, asked: [String] = [], key: String,
        _ read: (JSONValue?, String) throws(Diagnostic) -> Value
    ) throws(Diagnostic) -> PlantedRules<Value> {
        var reader = reader
        for key in asked { _ = reader.value(key) }
        var result = PlantedRules(fallback: try read(reader.value("default"), reader.path(of: "default")))
        for (index, element) in try reader.list("rules").enumerated() {
            var rule = try SettingsReader(element, path: "\(reader.path(of: "rules")).\(index)")
            let condition = try condition(try rule.map("when"))
            result.rules.append(.init(condition, try read(rule.value(key), rule.path(of: key))))
            try rule.finish()
        }
        try reader.finish()
        return result
    }

    private func condition(_ reader: SettingsReader) throws(Diagnostic) -> PlantedCondition {
        var reader = reader
        var allowed: [Int: Set<Int>] = [:]
        for name in reader.keys {
            let place = reader.path(of: name)
            guard let step = steps.firstIndex(where: { $0.name == name }) else {
                throw Diagnostic(
                    .usage, "there is no step '\(name)' before this", at: .init(field: place),
                    remedy: "A rule may look at steps of earlier blocks: \(steps.map(\.name).joined(separator: ", "))")
            }
            do throws(Diagnostic) {
                for text in try texts(reader.value(name), place) {
                    allowed[step, default: []].insert(try steps[step].index(of: text))
                }
            } catch {
                throw Diagnostic(error.category, error.message, at: .init(field: place), remedy: error.remedy)
            }
        }
        return PlantedCondition(allowed)
    }
}

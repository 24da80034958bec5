import Diagnostics
import RealModule
import Statistics

extension PlantedSystem {
    /// What random systems look like.
    public struct Shape: Sendable, Hashable {
        public var blocks = 3...6
        /// The chance that a block has two decisions in flight together.
        public var pairShare = 0.2
        public var replies = 2...3
        /// The chance that a step is a bystander: nothing depends on it, so its credit is 0.
        public var bystanderShare = 0.25
        public var outcome = PlantedOutcome.Kind.bernoulli

        public init() {}
    }

    /// A system drawn at random. Steps depend on one or two earlier ones, with chances drawn anew for each combination of
    /// their texts, the empty text among them: what follows an empty reply is unlike what follows any other. The outcome
    /// depends on the last step that is no bystander, and on one before it.
    ///
    /// - Throws: `usage` where the shape allows more ways through than are enumerated.
    public static func random(_ shape: Shape, _ stream: inout RandomStream) throws(Diagnostic) -> PlantedSystem {
        var draw = PlantedDraw(shape: shape)
        return try draw.system(&stream)
    }
}

private struct PlantedDraw {
    let shape: PlantedSystem.Shape
    private var steps: [PlantedStep] = []
    /// Steps that others may depend on.
    private var sources: [Int] = []

    init(shape: PlantedSystem.Shape) { self.shape = shape }

    mutating func system(_ stream: inout RandomStream) throws(Diagnostic) -> PlantedSystem {
        let count = Self.number(shape.blocks, &stream)
        var blocks: [[PlantedStep]] = []
        for block in 0..<count {
            var added: [PlantedStep] = []
            var open: [Int] = []
            for _ in 0..<(stream.uniform() < shape.pairShare ? 2 : 1) {
                let isBystander = stream.uniform() < shape.bystanderShare && block > 0
                let number = steps.count + added.count
                added.append(try step(number, of: count, block, isBystander, &stream))
                if !isBystander { open.append(number) }
            }
            steps += added
            sources += open
            blocks.append(added)
        }
        let last = Array(sources.suffix(1)) + sources.dropLast().shuffledFirst(1, &stream)
        let values = table(over: last, &stream) { $0.uniform() }
        return try PlantedSystem(
            name: "random", blocks: blocks, outcome: PlantedOutcome(kind: shape.outcome, values: values))
    }

    private func step(
        _ number: Int, of blocks: Int, _ block: Int, _ isBystander: Bool, _ stream: inout RandomStream
    ) throws(Diagnostic) -> PlantedStep {
        let replies = (0..<Self.number(shape.replies, &stream)).map { "r\($0)" }
        // The latest source is always one of them, so that what is upstream reaches the outcome through what follows it.
        let parents =
            isBystander ? [] : Array(sources.suffix(1)) + sources.dropLast().shuffledFirst(stream.below(2), &stream)
        let names = parents.map { "\(steps[$0].name)=<{\(steps[$0].name)}>" }
        return PlantedStep(
            name: "s\(number)", role: block * 2 < blocks ? "upstream" : "downstream",
            prompt: try PromptTemplate((["Step \(number)."] + names).joined(separator: " ")), replies: replies,
            chances: table(over: parents, &stream) { Self.chances(replies.count, &$0) })
    }

    /// A rule for each combination of the parents' texts.
    private func table<Value>(
        over parents: [Int], _ stream: inout RandomStream, _ draw: (inout RandomStream) -> Value
    ) -> PlantedRules<Value> {
        var combinations: [[Int: Set<Int>]] = [[:]]
        for parent in parents {
            combinations = combinations.flatMap { combination in
                steps[parent].texts.indices.map { combination.merging([parent: [$0]]) { $1 } }
            }
        }
        var rules = PlantedRules(fallback: draw(&stream))
        guard !parents.isEmpty else { return rules }
        rules.rules = combinations.map { .init(PlantedCondition($0), draw(&stream)) }
        return rules
    }

    /// Uneven chances, none of them 0.
    private static func chances(_ count: Int, _ stream: inout RandomStream) -> [Double] {
        let weights = (0..<count).map { _ in 0.05 - Double.log(1 - stream.uniform()) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    private static func number(_ range: ClosedRange<Int>, _ stream: inout RandomStream) -> Int {
        range.lowerBound + stream.below(range.count)
    }
}

extension Collection<Int> {
    fileprivate func shuffledFirst(_ count: Int, _ stream: inout RandomStream) -> [Int] {
        Array(stream.shuffled(Array(self)).prefix(count))
    }
}

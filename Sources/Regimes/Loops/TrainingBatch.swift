import Experiment
import LanguageModel

/// Responses of several groups, flattened, as training reads them.
struct TrainingBatch {
    let sequences: TokenSequences
    /// Which group each response belongs to.
    let groups: [Int]
    /// Ranges of responses that go through the layers together: whole groups, up to about `rows` tokens.
    let parts: [Range<Int>]

    init(_ groups: [Group.Sampled], grammar: [[Int32]], rowsPerPass: Int) {
        var prompts: [[Int32]] = []
        var responses: [[Int32]] = []
        var owners: [Int] = []
        var parts: [Range<Int>] = []
        var start = 0
        var rows = 0
        for (index, group) in groups.enumerated() {
            let size = group.prompt.read.count + group.responses.reduce(0) { $0 + $1.tokens.count }
            if rows > 0, rows + size > rowsPerPass {
                parts.append(start..<responses.count)
                (start, rows) = (responses.count, 0)
            }
            rows += size
            for response in group.responses where !response.tokens.isEmpty {
                prompts.append(group.prompt.read)
                responses.append(response.tokens)
                owners.append(index)
            }
        }
        if start < responses.count { parts.append(start..<responses.count) }
        sequences = TokenSequences(prompts: prompts, responses: responses, grammar: grammar)
        self.groups = owners
        self.parts = parts
    }

    var tokenCount: Int { zip(sequences.sequences, sequences.starts).reduce(0) { $0 + $1.0.count - $1.1 } }
}

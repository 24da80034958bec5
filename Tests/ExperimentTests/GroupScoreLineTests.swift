import Experiment
import JSON
import Testing

@Suite struct GroupScoreLineTests {
    @Test("An output row is one compact line in a fixed order")
    func line() {
        var score = GroupScore(id: "a\"b", scores: [1, -0.1, 1e-20, 0.1 + 0.2], tokens: [3, 4, 5, 6])
        #expect(
            score.line == #"{"id":"a\"b","scores":[1.0,-0.1,1e-20,0.30000000000000004],"tokens":[3,4,5,6],"#
                + #""truncated":[false,false,false,false]}"# + "\n")
        score = GroupScore(id: "c", scores: [-2.5], truncated: [true], perToken: [[-1, -1.5]])
        #expect(
            score.line == #"{"id":"c","scores":[-2.5],"tokens":[0],"truncated":[true],"per_token":[[-1.0,-1.5]]}"#
                + "\n")
    }

    @Test("A line reads back as the same numbers")
    func roundTrip() throws {
        let scores: [Double] = [.pi, -1 / 3, .leastNonzeroMagnitude, 1.7976931348623157e308, -0.0, 123_456_789.125]
        let value = try JSONValue(parsing: GroupScore(id: "x", scores: scores).line)
        let read = try #require(value["scores"]?.arrayValue).map { $0.doubleValue?.bitPattern }
        #expect(read == scores.map(\.bitPattern))
    }
}

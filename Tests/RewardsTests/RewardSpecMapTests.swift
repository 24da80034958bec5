import Diagnostics
import JSON
import Rewards
import Testing

@Suite struct RewardSpecMapTests {
    @Test("The map form is the same spec")
    func same() throws {
        let map: JSONValue = [
            "kind": "mean", "weights": "2:1",
            "members": [
                ["kind": "endogenous", "source": "models/a:b", "gamma": 0.9, "alpha": 1], "rule:coin?seed=3",
            ],
        ]
        let text = "mean:[endogenous:models/a%3Ab?gamma=0.9&alpha=1,rule:coin?seed=3]?weights=2:1"
        #expect(try RewardSpec(map: map) == RewardSpec(parsing: text))
        #expect(try RewardSpec(map: RewardSpec(parsing: text).map) == RewardSpec(parsing: text))
    }

    static let faults: [(map: JSONValue, error: String)] = [
        (3, "reward: a reward should be a map, but this is a number. Give it 'kind', 'source' and keys."),
        (["source": "d"], "kind: the reward has no kind. \(RewardSpecTests.kinds)."),
        (
            ["kind": "verdct", "source": "d"],
            "kind: 'verdct' is not a kind of reward. Did you mean 'verdict'? \(RewardSpecTests.kinds)."
        ),
        (["kind": "explicit"], "source: explicit names no source. Give 'source' as a string: DIR."),
        (["kind": "explicit", "source": 3], "source: explicit names no source. Give 'source' as a string: DIR."),
        (
            ["kind": "explicit", "source": "d", "members": []],
            "members: explicit takes a source, not members. Only mean, min and sham take members."
        ),
        (
            ["kind": "min", "source": "d"],
            "source: min takes members, not a source. Give 'members' as a list of rewards."
        ),
        (["kind": "min", "members": []], "members: min has no members. Give 'members' as a list of rewards."),
        (
            ["kind": "min", "members": ["rule:coin", ["kind": "rule"]]],
            "members[1].source: rule names no source. Give 'source' as a string: length|markdown|coin."
        ),
        (
            ["kind": "min", "members": [["kind": "mean", "members": ["rule:"]]]],
            "members[0].members[0]: reward 'rule:', character 6: rule names no source. "
                + "Write \(RewardKind.rule.synopsis)."
        ),
        (
            ["kind": "rule", "source": "coin", "seed": [1]],
            "seed: the value of 'seed' should be a string, number or boolean, but this is an array. Give a single value."
        ),
        (
            ["kind": "rule", "source": "coin", "seed": ""],
            "seed: the key 'seed' has no value. Give it one, or leave the key out."
        ),
        (
            ["kind": "rule", "source": "coin", "a b": 1],
            "a b: 'a b' cannot be a key. Use letters, digits, '_' and '-'."
        ),
    ]

    @Test("Each fault of a map names its field", arguments: faults)
    func fault(map: JSONValue, error: String) {
        let thrown = #expect(throws: Diagnostic.self) { try RewardSpec(map: map) }
        #expect(thrown?.description == error)
        #expect(thrown?.category == .usage)
    }

    static let pathCases = [
        ("explicit:m", "explicit:/study/m"), ("explicit:./m", "explicit:/study/m"), ("explicit:/m", "explicit:/m"),
        ("implicit:m?reference=none", "implicit:/study/m?reference=none"),
        ("implicit:m?reference=r&beta=1", "implicit:/study/m?beta=1&reference=/study/r"),
        ("verdict:m?prompt=p.txt&system=../s.txt", "verdict:/study/m?prompt=/study/p.txt&system=/study/../s.txt"),
        ("mean:[rule:coin,recorded:a.jsonl?format=rows]", "mean:[rule:coin,recorded:/study/a.jsonl?format=rows]"),
    ]

    @Test("Relative paths are taken from a folder; names, words and absolute paths stay", arguments: pathCases)
    func paths(text: String, resolved: String) throws {
        #expect(try RewardSpec(parsing: text).resolvingPaths(relativeTo: "/study").description == resolved)
        #expect(try RewardSpec(parsing: text).resolvingPaths(relativeTo: "/study/").description == resolved)
    }
}

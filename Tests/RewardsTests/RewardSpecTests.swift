import Diagnostics
import JSON
import Rewards
import Testing

@Suite struct RewardSpecTests {
    @Test("A spec has a kind, a source and keys in alphabetical order")
    func plain() throws {
        let spec = try RewardSpec(parsing: "implicit:models/a%3Ab?reference=none&beta=0.01")
        #expect(spec.kind == .implicit)
        #expect(spec.source == "models/a:b")
        #expect(spec.parameters == [.init("beta", "0.01"), .init("reference", "none")])
        #expect(spec["beta"] == "0.01" && spec["gamma"] == nil)
        #expect(spec.needsModel)
        #expect(spec.description == "implicit:models/a:b?beta=0.01&reference=none")
    }

    @Test("Lists nest, and spaces after a comma do not matter")
    func lists() throws {
        let spec = try RewardSpec(
            parsing: "mean:[rule:length, min:[rule:coin?seed=1,recorded:a%2Cb.jsonl]]?weights=2:1")
        #expect(spec.members.map(\.kind) == [.rule, .min])
        #expect(spec.members[1].members.map(\.source) == ["coin", "a,b.jsonl"])
        #expect(spec["weights"] == "2:1")
        #expect(!spec.needsModel)
        #expect(spec.description == "mean:[rule:length,min:[rule:coin?seed=1,recorded:a%2Cb.jsonl]]?weights=2:1")
    }

    static let forms = [
        ("recorded:out/dataset=x,y.jsonl", "recorded:out/dataset=x%2Cy.jsonl"),
        ("recorded:a:b[1].json", "recorded:a:b%5B1%5D.json"),
        ("explicit:/models/日本語 é", "explicit:/models/日本語%20é"),
        ("explicit:a%3fb", "explicit:a%3Fb"),
        ("verdict:m?prompt=a=b?c", "verdict:m?prompt=a=b%3Fc"),
        (" rule:coin?seed=1", "rule:coin?seed=1"),
        ("gold", "gold"),
        ("planted?seed=2&accuracy=0.8", "planted?accuracy=0.8&seed=2"),
        (
            "mean:[gold,sham:[planted?accuracy=1],vote?after=%23%23]",
            "mean:[gold,sham:[planted?accuracy=1],vote?after=%23%23]"
        ),
    ]

    @Test("The description is canonical, and reads back as the same spec", arguments: forms)
    func canonical(text: String, description: String) throws {
        let spec = try RewardSpec(parsing: text)
        #expect(spec.description == description)
        #expect(try RewardSpec(parsing: description) == spec)
        #expect(try RewardSpec(map: spec.map) == spec)
    }

    @Test("The order of keys makes no difference; a composed and a decomposed letter do")
    func equality() throws {
        let (one, other) = ("implicit:d?beta=1&reference=none", "implicit:d?reference=none&beta=1")
        #expect(try RewardSpec(parsing: one) == RewardSpec(parsing: other))
        #expect(try RewardSpec(parsing: one).hashValue == RewardSpec(parsing: other).hashValue)
        #expect(RewardSpec(.recorded, source: "\u{E9}") != RewardSpec(.recorded, source: "e\u{301}"))
    }

    @Test("Encoding agrees with Python's urllib")
    func encoding() throws {
        for line in try Fixtures.lines("encoding.jsonl") {
            let text = try #require(line["text"]?.stringValue)
            let encoded = try #require(line["encoded"]?.stringValue)
            #expect(RewardSpec(.recorded, source: text).description == "recorded:" + encoded)
            #expect(try RewardSpec(parsing: "recorded:" + encoded).source == text)
        }
    }

    static let faults: [(text: String, error: String)] = [
        ("", "character 1: a kind of reward should stand here. \(kinds)."),
        ("explict:d", "character 1: 'explict' is not a kind of reward. Did you mean 'explicit'? \(kinds)."),
        ("/models/skywork", "character 1: '/models/skywork' is not a kind of reward. \(kinds)."),
        ("rule", "character 5: a colon and a source should follow 'rule'. Write \(RewardKind.rule.synopsis)."),
        ("likelihood:", "character 12: likelihood names no source. Write likelihood:DIR?normalize=none|tokens."),
        ("likelihood:?x=1", "character 12: likelihood names no source. Write likelihood:DIR?normalize=none|tokens."),
        (
            "explicit:[a]",
            "character 10: explicit takes a source, not a list. "
                + "Only mean, min and sham take lists; a '[' that belongs to a path is written %5B."
        ),
        ("min:a", "character 5: min takes a list of specs in brackets. Write min:[SPEC,SPEC,…]."),
        ("min:[]", "character 6: a kind of reward should stand here. \(kinds)."),
        ("min:[rule:coin,]", "character 16: a kind of reward should stand here. \(kinds)."),
        (
            "min:[rule:coin",
            "character 15: a ',' or the list's closing ']' should be here. "
                + "Close the list with ']'; a '[' that belongs to a path is written %5B."
        ),
        (
            "min:[recorded:a[1]]",
            "character 16: a ',' or the list's closing ']' should be here. "
                + "Close the list with ']'; a '[' that belongs to a path is written %5B."
        ),
        (
            "min:[rule:coin]x",
            "character 16: nothing may follow the list but '?' and keys. Remove what follows the bracket."
        ),
        ("rule:é?=1", "character 8: a key should stand here. Write key=value, the pairs separated by '&'."),
        ("rule:é?a b=1", "character 8: 'a b' cannot be a key. Write key=value, the pairs separated by '&'."),
        ("rule:é?kind=1", "character 8: 'kind' cannot be a key. Write key=value, the pairs separated by '&'."),
        ("rule:coin?seed", "character 15: '=' and a value should follow the key 'seed'. Write seed=VALUE."),
        ("rule:coin?seed=", "character 16: the key 'seed' has no value. Write seed=VALUE, or leave the key out."),
        ("rule:coin?a=1&a=2", "character 15: the key 'a' is given twice. Give it once."),
        ("recorded:50%", "character 12: two hexadecimal digits should follow '%'. Write %25 for a percent sign."),
        ("recorded:%+1", "character 10: two hexadecimal digits should follow '%'. Write %25 for a percent sign."),
        (
            "recorded:%FF",
            "character 10: the percent-encoded bytes are not UTF-8. Encode each byte of the UTF-8 text."
        ),
        ("gold:x", "character 5: gold takes no source. Write gold."),
        ("vote:", "character 5: vote takes no source. Write \(RewardKind.vote.synopsis)."),
        ("gold]", "character 5: nothing may follow 'gold' but '?' and keys. Remove it."),
        ("sham:gold", "character 6: sham takes a list of specs in brackets. Write sham:[SPEC]."),
        ("recorded:a%00b", "character 10: a NUL character cannot stand here. Remove %00."),
    ]

    static let kinds =
        "The kinds are explicit, implicit, endogenous, likelihood, verdict, rule, recorded, remote, judge, mean, min, gold, planted, "
        + "learned, vote, confidence, reference-likelihood, bonus, sham"

    @Test("Each fault of a spec has its own sentence, character and remedy", arguments: faults)
    func fault(text: String, error: String) {
        let thrown = #expect(throws: Diagnostic.self) { try RewardSpec(parsing: text) }
        #expect(thrown?.description == "reward '\(text)', \(error)")
        #expect(thrown?.category == .usage)
    }

    @Test("Lists beyond the limit are refused, up to it they are read")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "min:[", count: depth) + "rule:coin" + String(repeating: "]", count: depth)
        }
        #expect(try RewardSpec(parsing: nested(16)).map == RewardSpec(parsing: nested(16)).map)
        #expect(try RewardSpec(map: RewardSpec(parsing: nested(16)).map).description == nested(16))
        let thrown = #expect(throws: Diagnostic.self) { try RewardSpec(parsing: nested(5000)) }
        #expect(thrown?.message == "lists are nested more than 16 deep")
    }
}

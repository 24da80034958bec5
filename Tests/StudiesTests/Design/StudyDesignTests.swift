import Diagnostics
import Experiment
import Foundation
import JSON
import Ledger
import Testing

@testable import Studies

@Suite struct StudyDesignTests {
    @Test("A study's arms are the product of its levels without what it excludes, then the controls")
    func arms() throws {
        let design = try StudyDesign(parsing: Array(StudyTexts.smoke.utf8), file: "smoke.yaml")
        let arms = try design.arms()
        #expect(
            arms.map(\.name) == [
                "regime=flat,slope=0", "regime=flat,slope=1", "regime=long,slope=0",
                "a-a of regime=flat,slope=0", "placebo of regime=flat,slope=0",
            ])
        #expect(arms.map(\.role) == [.design, .design, .design, .sameAgain, .placebo])
        #expect(arms.map(\.original) == [nil, nil, nil, 0, 0])
        #expect(arms[1].settings["slope"] == 1 && arms[2].settings["steps"] == 5)
        #expect(arms[3].settings["streams"] == "aa" && arms[3].levels["control"] == "a-a")
        #expect(
            arms[4].settings["reward"] == [
                ["name": "proxy", "weight": 2, "kind": "sham", "members": [["kind": "planted", "accuracy": 0.8]]]
            ])
        #expect(design.seeds == [0, 1, 2] && design.verdicts == .init(margin: 0.05, level: 0.9))
        #expect(design.question == "Does a slope show?")
    }

    @Test("A placebo's terms keep their names, which interventions and other terms know them by")
    func placebo() throws {
        let text = "study: x\nrun:\n  reward: [{kind: planted, accuracy: 1}, 'length?per=token']\n"
        let arms = try StudyDesign(parsing: Array(text.utf8)).arms()
        #expect(arms.map(\.name) == ["run", "a-a of run", "placebo of run"])
        #expect(
            arms[2].settings["reward"] == [
                ["name": "planted", "kind": "sham", "members": [["kind": "planted", "accuracy": 1]]],
                ["name": "length", "kind": "sham", "members": ["length?per=token"]],
            ])
    }

    @Test("A placebo shuffles a reward model that is trained anew, and a reward that comes in mid-run")
    func placeboInterventions() throws {
        let text = """
            study: x
            run:
              reward: [{name: proxy, kind: learned, refresh-every: 5}]
              interventions: [{at: 4, refresh: proxy}, {at: 9, replace: proxy, with: {kind: gold, weight: 2}}]

            """
        let settings = try #require(try StudyDesign(parsing: Array(text.utf8)).arms().last?.settings)
        #expect(
            settings["reward"] == [
                ["name": "proxy", "refresh-every": 5, "kind": "sham", "members": [["kind": "learned"]]]
            ])
        #expect(
            settings["interventions"] == [
                ["at": 4, "refresh": "proxy"],
                [
                    "at": 9, "replace": "proxy",
                    "with": ["name": "gold", "weight": 2, "kind": "sham", "members": [["kind": "gold"]]],
                ],
            ])
    }

    @Test("A design's digest covers what decides its numbers, and not its comments and layout")
    func digest() throws {
        func digest(_ text: String) throws -> String { try StudyDesign(parsing: Array(text.utf8)).digest }
        let first = try digest(StudyTexts.smoke)
        #expect(
            try digest("# remark\n" + StudyTexts.smoke.replacingOccurrences(of: "title: ", with: "title:    ")) == first
        )
        #expect(try digest(StudyTexts.smoke.replacingOccurrences(of: "margin: 0.05", with: "margin: 0.06")) != first)
        #expect(try digest(StudyTexts.smoke.replacingOccurrences(of: "seeds: 3", with: "seeds: 4")) != first)
        #expect(try digest(StudyTexts.smoke.replacingOccurrences(of: "placebo: true", with: "placebo: false")) != first)
        let design = try StudyDesign(parsing: Array(StudyTexts.smoke.utf8))
        #expect(try design.withSeeds(3).digest == first)
        #expect(design.record.digest == SHA256Digest.hexadecimal(of: design.canonical.canonicalText.utf8))
        #expect(throws: Diagnostic.self) { try design.withSeeds(0) }
    }

    @Test("A patch finds places in lists by number or name, makes maps, and is refused where it does not fit")
    func patches() throws {
        let settings: JSONValue = [
            "reward": [["name": "proxy", "accuracy": 0.5], ["name": "bonus"]], "regime": ["steps": 3],
        ]
        func patched(_ path: String, _ value: JSONValue) throws -> (JSONValue, String) {
            var patch = SettingsPatch(path: path, value: value, source: "here")
            let result = try patch.apply(to: settings)
            return (result, patch.path)
        }
        #expect(try patched("reward.0.accuracy", 1).0["reward"]?.arrayValue?[0]["accuracy"] == 1)
        #expect(try patched("reward.bonus.weight", 2).1 == "reward.1.weight")
        #expect(try patched("regime.kl.coefficient", 0.1).0["regime"] == ["steps": 3, "kl": ["coefficient": 0.1]])
        #expect(try patched("reward", []).0["reward"] == [])
        for path in ["reward.2.x", "reward.proxi.x", "regime.steps.x", "regime..x", "", "reward.-1"] {
            let error = #expect(throws: Diagnostic.self) { try patched(path, 1) }
            #expect(error?.location.field == "here", "\(path)")
        }
    }

    @Test("An error of an arm's settings names the line that decides the value: the base's or the level's")
    func errorLines() throws {
        let design = try StudyDesign(parsing: Array(StudyTexts.smoke.utf8), file: "smoke.yaml")
        func location(_ field: String, arm: Int) throws -> Diagnostic.Location {
            design.located(Diagnostic(.usage, "wrong", at: .init(field: field)), in: try design.arms()[arm]).location
        }
        #expect(try location("run.steps", arm: 0) == .init(file: "smoke.yaml", line: 5, field: "run.steps"))
        #expect(try location("run.steps", arm: 2) == .init(file: "smoke.yaml", line: 12, field: "run.steps"))
        #expect(try location("run.reward[0].accuracy", arm: 0).line == 7)
        #expect(try location("run.reward[0]: accuracy", arm: 0).line == 7)
        #expect(try location("run.slope", arm: 1).line == 15)
        #expect(try location("run.absent.key", arm: 0).line == 4)
        #expect(try location("analyses.0.kind", arm: 0).line == 19)
    }

    @Test("Where relative paths start is the file's folder")
    func folder() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(StudyTexts.smoke.utf8, to: "smoke.yaml")
        #expect(try StudyDesign(readingFile: path).folder == folder.path)
        #expect(throws: Diagnostic.self) { try StudyDesign(readingFile: folder.file("none.yaml")) }
    }

    @Test(
        "What a study cannot say is told with line, field and the nearest name",
        arguments: [
            ("study: x\n", 1, "run", "'run' is missing. Give the settings"),
            ("run: {}\n", 1, "study", "'study' is missing"),
            ("study: X y\nrun: {}\n", 1, "study", "should be a name"),
            ("study: x\nrun: {}\nfactor: {}\n", 3, "factor", "Did you mean factors?"),
            ("study: x\nrun: 5\n", 2, "run", "should be a map"),
            ("study: x\nrun: {}\nseeds: 0\n", 3, "seeds", "an integer from 1"),
            ("study: x\nrun: {}\nseeds: [1, 1]\n", 3, "seeds.1", "not listed before"),
            ("study: x\nrun: {}\nseeds: []\n", 3, "seeds", "from 1 to"),
            ("study: x\nrun: {}\nfactors:\n  a: []\n", 4, "factors.a", "a list of levels"),
            ("study: x\nrun: {}\nfactors:\n  a:\n  - {set: {}}\n", 5, "factors.a.0.level", "'level' is missing"),
            (
                "study: x\nrun: {}\nfactors:\n  a:\n  - {level: 1, sett: {}}\n", 5, "factors.a.0.sett",
                "Did you mean set?"
            ),
            (
                "study: x\nrun: {}\nfactors:\n  a:\n  - {level: 1}\n  - {level: 1.0}\n", 6, "factors.a.1.level",
                "given twice"
            ),
            ("study: x\nrun: {}\nfactors:\n  control:\n  - {level: 1}\n", 4, "factors.control", "cannot be called"),
            (
                "study: x\nrun: {}\nfactors:\n  a:\n  - {level: 1, set: {k.l: 1}}\n  b:\n  - {level: 1, set: {k: {}}}\n",
                7,
                "factors.b.0.set.k", "undoes 'k.l', which the factor a sets"
            ),
            (
                "study: x\nrun: {k: 1}\nfactors:\n  a:\n  - {level: 1, set: {k.l: 1}}\n", 5, "factors.a.0.set.k.l",
                "a number"
            ),
            (
                "study: x\nrun: {}\nfactors:\n  abc:\n  - {level: 1}\nexclude: [{abd: 1}]\n", 6, "exclude.0.abd",
                "mean abc?"
            ),
            (
                "study: x\nrun: {}\nfactors:\n  a:\n  - {level: dpo}\nexclude: [{a: dpx}]\n", 6, "exclude.0.a",
                "mean dpo?"
            ),
            (
                "study: x\nrun: {}\nfactors:\n  a:\n  - {level: 1}\nexclude: [{a: 1}]\n", 6, "exclude",
                "every arm is left out"
            ),
            ("study: x\nrun: {}\ncontrols: {a-b: true}\n", 3, "controls.a-b", "Did you mean a-a?"),
            ("study: x\nrun: {}\ncontrols: {placebo: 1}\n", 3, "controls.placebo", "true or false"),
            ("study: x\nrun: {}\nanalyses: [{kin: x}]\n", 3, "analyses.0.kind", "'kind' is missing"),
            ("study: x\nrun: {}\nverdicts: {level: 95}\n", 3, "verdicts.level", "from 0.5"),
            ("study: x\nrun: {}\ntitle: [a]\n", 3, "title", "should be text"),
            ("[1, 2]\n", 1, nil, "should be a map"),
        ] as [(String, Int, String?, String)])
    func errors(text: String, line: Int, field: String?, message: String) {
        let error = #expect(throws: Diagnostic.self) {
            _ = try StudyDesign(parsing: Array(text.utf8), file: "x.yaml").arms()
        }
        let said = error.map(String.init(describing:)) ?? ""
        #expect(error?.location.line == line && error?.location.file == "x.yaml", "\(said)")
        #expect(error?.location.field == (field ?? ""), "\(said)")
        #expect(said.contains(message), "\(said)")
    }

    @Test("A product of too many levels is refused before it is made")
    func tooMany() {
        let levels = (0..<50).map { "  - {level: \($0)}" }.joined(separator: "\n")
        let factors = (0..<9).map { "  f\($0):\n\(levels)" }.joined(separator: "\n")
        let error = #expect(throws: Diagnostic.self) {
            try StudyDesign(parsing: Array("study: x\nrun: {}\nfactors:\n\(factors)\n".utf8)).arms()
        }
        #expect(error?.message == "the factors make more than 10000 arms" && error?.location.line == 3)
    }
}

import Diagnostics
import JSON
import Testing

@testable import Regimes

@Suite("A regime's settings")
struct RegimeSettingsTests {
    @Test(
        "what is wrong is told with the key's path",
        arguments: [
            (["kind": "gpro"], "run.regime.kind", "grpo"),
            (["kind": "grpo", "lerning-rate": 0.1], "run.regime.lerning-rate", "learning-rate"),
            (["kind": "grpo", "group": 1], "run.regime.group", "at least 2"),
            (["kl": ["estimator": "k4"]], "run.regime.kl.estimator", "k"),
            (["n": [0, 1]], "run.regime.n", "n: [1, 2, 4, 8]"),
            (["kind": "dpo", "kl": ["coefficient": 0.1]], "run.regime.kl.coefficient", "Leave kl out"),
            (["kl": ["place": "reward", "estimator": "k3"]], "run.regime.kl.estimator", "in the loss"),
            (["kind": "sft", "data": "stale"], "run.regime.data", "Leave data out"),
            (["steps": "many"], "run.regime.steps", "Correct"),
        ] as [(JSONValue, String, String)])
    func wrong(settings: JSONValue, field: String, hint: String) {
        #expect {
            try RegimeSettings(settings, path: "run.regime")
        } throws: { error in
            guard let error = error as? Diagnostic else { return false }
            return error.category == .usage && error.location.field == field && error.remedy.contains(hint)
        }
    }

    @Test("the learning rate warms up, then follows its schedule")
    func schedule() throws {
        let settings = try RegimeSettings(["learning-rate": 1, "steps": 110, "warmup": 10, "schedule": "linear"])
        #expect(settings.rate(at: 0) == 0.1)
        #expect(settings.rate(at: 9) == 1)
        #expect(settings.rate(at: 60) == 0.5)
        let cosine = try RegimeSettings(["learning-rate": 1, "steps": 100, "schedule": "cosine"])
        #expect(abs(cosine.rate(at: 50) - 0.5) < 1e-12)
    }
}

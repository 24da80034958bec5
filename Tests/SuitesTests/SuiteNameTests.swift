import Diagnostics
import Suites
import Testing

@Test("A suite is found by the name the command line uses, and an unknown name lists those there are")
func suiteNames() throws {
    for suite in Suite.allCases { #expect(try Suite.named(suite.rawValue) == suite) }
    let error = #expect(throws: Diagnostic.self) { try Suite.named("rewardbench3") }
    #expect(error?.category == .usage)
    #expect(error?.remedy.contains("rewardbench2, rm-bench") == true)
}

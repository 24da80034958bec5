import Diagnostics
import JSON
import Testing

@testable import Benching

struct CommandLineRecordTests {
    @Test(
        "Values that look like secrets are not recorded",
        arguments: [
            (["--api-key", "abc", "--x"], ["--api-key", "[redacted]", "--x"]),
            (["--hf-token=abc"], ["--hf-token=[redacted]"]),
            (["sk-0123456789abcdef"], ["[redacted]"]),
            (["verdict:http?api_key=abc&n=1"], ["verdict:http?api_key=[redacted]&n=1"]),
            (["--batch-tokens", "512", "--per-token", "x"], ["--batch-tokens", "512", "--per-token", "x"]),
            (["likelihood:dir?normalize=tokens"], ["likelihood:dir?normalize=tokens"]),
        ])
    func redaction(arguments: [String], recorded: [String]) {
        #expect(CommandLineRecord(arguments).arguments == recorded)
    }

    @Test("The command that resumes is quoted for a shell, with --resume once and without --overwrite")
    func resuming() {
        let record = CommandLineRecord(["assay", "score", "--reward", "rule:coin?seed=1", "it's", "--overwrite"])
        #expect(record.resuming == "assay score --reward 'rule:coin?seed=1' 'it'\\''s' --resume")
        #expect(CommandLineRecord(["assay", "--resume"]).resuming == "assay --resume")
    }
}

struct SettingsDifferenceTests {
    @Test("A difference names what changed, from what, to what")
    func names() {
        let digest = String(repeating: "0123456789abcdef", count: 4)
        let parts = SettingsDifference(
            from: ["limit": 3, "dtype": "float32", "files": ["model": .string(digest)], "gone": true],
            to: ["limit": 4, "dtype": "float32", "files": ["model": "x"], "new": 1]
        ).parts
        #expect(
            parts == [
                "limit (3 then, 4 now)", "files model (01234567 then, x now)", "gone (true then, nothing now)",
                "new (nothing then, 1 now)",
            ])
    }
}

struct NumeralsTests {
    @Test(
        "Numbers have the decimals asked for",
        arguments: [
            (37.267, 2, "37.27"), (-0.001, 2, "0.00"), (0.5, 0, "0"), (9.995, 1, "10.0"), (-12.345, 1, "-12.3"),
        ])
    func fixed(value: Double, decimals: Int, text: String) { #expect(Numerals.fixed(value, decimals) == text) }

    @Test("What is no number is said so")
    func notFinite() { #expect([Double.nan, .infinity].map { Numerals.fixed($0, 2) } == ["-", "inf"]) }

    @Test(
        "Durations are in the units that people use",
        arguments: [(0.5, "0.5 s"), (42, "42 s"), (185, "3 min 05 s"), (7620, "2 h 07 min"), (270_000, "3 d 3 h")])
    func durations(seconds: Double, text: String) { #expect(Numerals.duration(seconds) == text) }

    @Test(
        "Sizes are in binary units",
        arguments: [(512, "512 bytes"), (1536, "1.50 KiB"), (25_216_032_768, "23.5 GiB")])
    func sizes(count: Int, text: String) { #expect(Numerals.bytes(count) == text) }
}

struct ProgressTests {
    @Test("A terminal's bar is redrawn in place and taken away at the end")
    func bar() {
        var shown: [String] = []
        let progress = Progress("scoring", total: 10, unit: "rows", inherited: 5, style: .bar) { shown.append($0) }
        progress.finish()
        #expect(shown == ["\r\u{1B}[Kscoring [############............] 5 of 10 rows, 50%", "\r\u{1B}[K"])
    }

    @Test("Nothing is shown where quiet was asked for, and no line before ten seconds")
    func quiet() {
        for style in [Progress.Style.silent, .lines] {
            var shown: [String] = []
            let progress = Progress("scoring", total: 10, unit: "rows", style: style) { shown.append($0) }
            progress.advance(by: 10)
            progress.finish()
            #expect(shown.isEmpty)
        }
    }

    @Test("The status says how much is left")
    func status() {
        let progress = Progress("scoring", total: 1_000_000, unit: "tokens", style: .silent) { _ in }
        progress.advance(by: 10)
        #expect(progress.status.hasPrefix("10 of 1000000 tokens, 0%, "))
        #expect(progress.status.hasSuffix(" left"))
    }
}

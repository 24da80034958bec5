import Foundation
import Testing

@testable import Studies

/// Every meter that a run can have is defined in docs/METERS.md, and every one defined there exists.
@Suite struct MeterNameTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized

    /// The names in the sources where readings are made; `\(name)` stands for reward and gold, another number for k.
    private static func namesInSources() throws -> Set<String> {
        var names: Set<String> = []
        for folder in ["Sources/Regimes", "Sources/Studies/Run"] {
            let place = root.appending(path: folder)
            let files = FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil)
            for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(of: /(?:Reading\(|sums\.add\()\s*"((?:[^"\\]|\\\([a-zA-Z.]+\))+)"/) {
                    names.formUnion(expanded(String(match.output.1)))
                }
            }
        }
        return names
    }

    private static func expanded(_ name: String) -> [String] {
        if name.contains(#"\(label)"#) {
            return ["q10", "q50", "q90"].flatMap { expanded(name.replacing(#"\(label)"#, with: $0)) }
        }
        if name.hasPrefix(#"\(name)"#) { return ["reward", "gold"].map { name.replacing(#"\(name)"#, with: $0) } }
        if name.contains(#"\(attribute.rawValue)"#) {
            return ["content", "style", "length"].map { name.replacing(#"\(attribute.rawValue)"#, with: $0) }
        }
        // Names that are put together from a variable are listed here.
        return [name.replacing(#"\(k)"#, with: "k")]
    }

    @Test("What the sources read is known, and what is known is read by the sources")
    func sources() throws {
        var names = try Self.namesInSources()
        // The KL estimators' names are put together from their own.
        names.formUnion(["kl.k1", "kl.k3"])
        let known = Set(MeterName.all.map(\.name))
        #expect(names.subtracting(known) == [], "add them to MeterName.swift and docs/METERS.md")
        #expect(known.subtracting(names) == [], "nothing reads these any more")
    }

    @Test("docs/METERS.md defines every meter, with a G where it looks at gold")
    func documentation() throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/METERS.md"), encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for meter in MeterName.all {
            let line = lines.first { $0.contains("`\(meter.name)`") }
            #expect(line != nil, "\(meter.name) is not defined")
            if let line, meter.needsGold { #expect(line.contains("**G**"), "\(meter.name) looks at gold") }
        }
    }

    @Test("Held-out readings and numbers in names are the same meters; others are told apart")
    func names() {
        #expect(MeterName.named("held-out.gold.mean")?.needsGold == true)
        #expect(
            MeterName.named("pass@8")?.name == "pass@k" && MeterName.title(of: "exact.pass@8") == "pass@8, expected")
        #expect(MeterName.named("reward.men") == nil && MeterName.title(of: "mine") == "mine")
        #expect(MeterName.title(of: "held-out.gold.mean") == "gold, held-out prompts")
    }
}

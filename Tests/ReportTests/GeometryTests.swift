import Testing

@testable import Report

struct GeometryTests {
    private let frame = Frame(left: 10, top: 20, right: 110, bottom: 70)

    private func line(_ random: inout SplitMix, count: Int) -> [Place] {
        (0..<count).map { _ in Place(x: (random.unit() - 0.3) * 200, y: (random.unit() - 0.3) * 200) }
    }

    @Test("A clipped line lies inside, and all of the line that lies inside is there")
    func lines() {
        var random = SplitMix(seed: 2)
        for _ in 0..<500 {
            let line = line(&random, count: 4)
            let pieces = frame.clip(line: line)
            #expect(pieces.joined().allSatisfy(frame.contains))
            let inside = zip(line, line.dropFirst()).reduce(0.0) { $0 + lengthInside($1.0, $1.1) }
            let kept = pieces.reduce(0.0) { $0 + length($1) }
            #expect(abs(inside - kept) < 1.5)
        }
    }

    private func length(_ line: [Place]) -> Double {
        zip(line, line.dropFirst()).reduce(0) { sum, ends in
            let (dx, dy) = (ends.1.x - ends.0.x, ends.1.y - ends.0.y)
            return sum + (dx * dx + dy * dy).squareRoot()
        }
    }

    /// By looking at many places of the segment.
    private func lengthInside(_ a: Place, _ b: Place) -> Double {
        let hits = (0..<2000).filter { step in
            let t = (Double(step) + 0.5) / 2000
            let (x, y) = (a.x + t * (b.x - a.x), a.y + t * (b.y - a.y))
            return x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom
        }
        return length([a, b]) * Double(hits.count) / 2000
    }

    @Test("A clipped area lies inside")
    func areas() {
        var random = SplitMix(seed: 8)
        for _ in 0..<500 {
            #expect(frame.clip(area: line(&random, count: 6)).allSatisfy(frame.contains))
        }
        let around = [Place(x: 0, y: 0), Place(x: 200, y: 0), Place(x: 200, y: 200), Place(x: 0, y: 200)]
        #expect(frame.clip(area: around).count == 4)
    }

    @Test("Labels are kept apart and in order, and stay where they belong when they can")
    func labels() {
        var random = SplitMix(seed: 4)
        for _ in 0..<300 {
            let wanted = (0..<6).map { _ in random.unit() * 100 }
            let places = LabelSpacing(wanted: wanted, heights: Array(repeating: 15, count: 6), range: 0...100).places
            let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
            for (a, b) in zip(order, order.dropFirst()) { #expect(places[b] - places[a] >= 15 - 1e-9) }
            #expect(places.allSatisfy { $0 >= 7.5 - 1e-9 && $0 <= 92.5 + 1e-9 })
        }
        #expect(LabelSpacing(wanted: [80, 20], heights: [15, 15], range: 0...100).places == [80, 20])
    }

    @Test("A thinned line keeps the extremes of every column")
    func thinning() {
        var random = SplitMix(seed: 6)
        let line = (0..<50_000).map { Place(x: Double($0) / 100, y: random.unit() * 100) }
        let thin = ThinnedLine(line).places
        #expect(thin.count <= 2000)
        #expect(thin.first == line.first && thin.last == line.last)
        #expect(thin.map(\.y).max() == line.map(\.y).max() && thin.map(\.y).min() == line.map(\.y).min())
    }

    @Test("Text is broken between words and shortened only where it must be")
    func breaking() {
        let lines = TextLines("trained with the verifier", size: 12, width: 90, maximum: 3)
        #expect(lines.lines == ["trained with the", "verifier"] && lines.isWhole)
        let short = TextLines("an uncommonly-long-word", size: 12, width: 60, maximum: 2)
        #expect(!short.isWhole && short.lines.last?.hasSuffix("…") == true)
        #expect(short.width(size: 12) <= 60)
        #expect(TextLines("", size: 12, width: 10, maximum: 2).lines.isEmpty)
    }
}

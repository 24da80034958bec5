import Experiment

extension LoadedSuite {
    /// The suite without some of its rows: what is measured of several rows together goes with any of them, and lines that have
    /// nothing left go too, composites included.
    ///
    /// - Parameter reasons: why rows are left out, by their places in ``items``.
    public func leavingOut(_ reasons: [Int: String]) -> LoadedSuite {
        guard !reasons.isEmpty else { return self }
        let kept = items.indices.filter { reasons[$0] == nil }
        let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        return LoadedSuite(
            suite: suite, items: kept.map { items[$0] }, excluded: excluded + exclusions(reasons), rule: rule,
            notes: notes, hasResponses: hasResponses,
            metrics: metrics.map { $0.keeping(places) }.filter { !$0.isEmpty }, clusters: kept.map { clusters[$0] })
    }

    private func exclusions(_ reasons: [Int: String]) -> [Exclusion] {
        var found: [Exclusion] = []
        for place in items.indices {
            guard let reason = reasons[place] else { continue }
            if let index = found.firstIndex(where: { $0.reason == reason }) {
                found[index].count += 1
            } else {
                let source = items[place].group.source ?? .init(file: name, line: place + 1)
                found.append(Exclusion(reason: reason, count: 1, first: source))
            }
        }
        return found
    }
}

extension Metric {
    /// The metric over the rows that are kept.
    ///
    /// - Parameter places: the new places of kept rows by their old ones.
    fileprivate func keeping(_ places: [Int: Int]) -> Metric {
        var copy = self
        switch quantity {
        case .means(let parts): copy.quantity = .means(parts.map { $0.keeping(places) })
        case .normalizedMargin(let items, let spread):
            copy.quantity = .normalizedMargin(items: items.compactMap { places[$0] }, spread)
        }
        return copy
    }
}

extension Metric.Part {
    fileprivate func keeping(_ places: [Int: Int]) -> Metric.Part {
        var copy = self
        copy.units = units.filter { $0.allSatisfy { places[$0] != nil } }.map { $0.compactMap { places[$0] } }
        return copy
    }
}
